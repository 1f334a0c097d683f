// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <span>
#include <type_traits>

#include <attar/detail/whole_range.hpp>

namespace attar {

/// Logit standardization (Sun et al., "Logit standardization in knowledge distillation", CVPR 2024), an option of terms
/// that soften logits: before the softmax at the temperature, student's and teacher's logits of each image become
/// z-scores, (logit - mean) / deviation over the classes. The student is then free in the range of its logits and
/// learns their order and distances alone. Its gradient goes through the z-scores.
///
/// The deviation divides by the number of classes C, as in the paper; the authors' code divides by C - 1, which is a
/// temperature higher by sqrt(C / (C - 1)). They use it with `Temperature<2>` and `Weight<9>`. Equal logits have
/// z-scores of 0 and no gradient. With two classes the z-scores are 1 and -1 whatever the logits, so there is never a
/// gradient: it is for more.
///
///     SoftTargets<Standardized, Temperature<2>, Weight<9>>
struct Standardized {};

namespace detail {

template <class Option>
inline constexpr bool is_standardized = std::is_same_v<Option, Standardized>;

/// How the logits of one image are softened: divided by the temperature, as z-scores where `Standardize`. A view: the
/// logits must outlive it.
template <std::floating_point T, bool Standardize>
class Softening {
 public:
  Softening(std::span<const T> logits, double temperature) : logits_{logits}, divisor_{temperature} {
    if constexpr (Standardize) {
      const auto count = static_cast<double>(logits.size());
      // Taken from the first, so that equal logits deviate by exactly 0.
      const double first = logits.front();
      for (const T logit : logits) mean_ += static_cast<double>(logit) - first;
      mean_ = first + mean_ / count;
      double squares = 0.0;
      for (const T logit : logits)
        squares += (static_cast<double>(logit) - mean_) * (static_cast<double>(logit) - mean_);
      deviation_ = std::sqrt(squares / count);
      if (deviation_ != 0.0) divisor_ *= deviation_;
    }
  }

  /// What the logits are divided by. A softmax does not see the mean, so this is all there is to a z-score before it.
  [[nodiscard]] double divisor() const noexcept { return divisor_; }

  /// From the gradient with respect to the z-scores, of sum 0, to that with respect to the logits.
  void back([[maybe_unused]] std::span<double> gradient) const {
    if constexpr (Standardize) {
      if (deviation_ == 0.0) {
        detail::fill(gradient, 0.0);
        return;
      }
      double along = 0.0;  // How far the gradient would only stretch the logits, which z-scores do not see.
      for (std::size_t c = 0; c < gradient.size(); ++c) along += gradient[c] * centered(c);
      along /= static_cast<double>(gradient.size()) * deviation_ * deviation_;
      for (std::size_t c = 0; c < gradient.size(); ++c) gradient[c] = (gradient[c] - along * centered(c)) / deviation_;
    }
  }

 private:
  [[nodiscard]] double centered(std::size_t label) const { return static_cast<double>(logits_[label]) - mean_; }

  std::span<const T> logits_;
  double divisor_;
  double mean_ = 0.0;
  double deviation_ = 1.0;
};

}  // namespace detail
}  // namespace attar
