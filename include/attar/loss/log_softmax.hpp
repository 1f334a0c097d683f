// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <span>

namespace attar {

/// The logarithm of softmax(logits / temperature) of one row, in double and without overflow: the largest logit is
/// taken off first. A view: the row must outlive it. NaN or +infinity among the logits makes every value NaN.
template <std::floating_point T>
class LogSoftmax {
 public:
  explicit LogSoftmax(std::span<const T> logits, double temperature = 1.0)
      : logits_{logits}, scale_{1.0 / temperature}, shift_{*std::max_element(logits.begin(), logits.end())} {
    double sum = 0.0;
    for (const T logit : logits) sum += std::exp((static_cast<double>(logit) - shift_) * scale_);
    log_sum_ = std::log(sum);
  }

  /// The logarithm of a class's probability.
  [[nodiscard]] double operator[](std::size_t label) const {
    return (static_cast<double>(logits_[label]) - shift_) * scale_ - log_sum_;
  }
  /// A class's probability.
  [[nodiscard]] double probability(std::size_t label) const { return std::exp((*this)[label]); }

 private:
  std::span<const T> logits_;
  double scale_;
  double shift_;
  double log_sum_ = 0.0;
};

}  // namespace attar
