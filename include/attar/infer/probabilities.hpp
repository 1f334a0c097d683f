// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <span>

#include <attar/detail/whole_range.hpp>

namespace attar {

namespace detail {

/// What turns a logit into its softmax: exp(logit - largest) / sum.
struct Softmax {
  explicit Softmax(std::span<const float> logits) noexcept : largest{*std::max_element(logits.begin(), logits.end())} {
    for (const float logit : logits) sum += static_cast<double>(std::exp(logit - largest));
  }
  [[nodiscard]] float operator()(float logit) const noexcept {
    return static_cast<float>(static_cast<double>(std::exp(logit - largest)) / sum);
  }

  float largest;
  double sum = 0;
};

}  // namespace detail

/// The softmax of an image's logits: positive numbers that sum to 1.
///
///     engine(image, context);
///     const auto p = probabilities(engine.logits(context));
template <std::size_t Classes>
[[nodiscard]] std::array<float, Classes> probabilities(std::span<const float, Classes> logits) noexcept {
  static_assert(Classes != std::dynamic_extent && Classes > 0);
  const detail::Softmax softmax{logits};
  std::array<float, Classes> result{};
  detail::transform(logits, result.begin(), softmax);
  return result;
}

}  // namespace attar
