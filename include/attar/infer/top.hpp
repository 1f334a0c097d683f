// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstddef>
#include <span>

#include <attar/infer/probabilities.hpp>

namespace attar {

/// A class that an image may be of.
struct Prediction {
  int label = 0;
  float probability = 0;

  friend bool operator==(const Prediction&, const Prediction&) = default;
};

/// The `Count` most probable classes of an image, the best first, of equals the lowest label first.
///
///     engine(image, context);
///     for (const auto& [label, probability] : top<3>(engine.logits(context))) ...
template <int Count, std::size_t Classes>
[[nodiscard]] std::array<Prediction, static_cast<std::size_t>(Count)> top(
    std::span<const float, Classes> logits) noexcept {
  static_assert(Count > 0 && static_cast<std::size_t>(Count) <= Classes && Classes != std::dynamic_extent,
                "attar[E068]: top<K> gives 1 to as many predictions as the network has classes");
  constexpr auto count = static_cast<std::size_t>(Count);
  std::array<std::size_t, count> best{};
  for (std::size_t label = 0; label < Classes; ++label) {
    std::size_t place = label < count ? label : count;
    while (place > 0 && logits[label] > logits[best[place - 1]]) {
      if (place < count) best[place] = best[place - 1];
      --place;
    }
    if (place < count) best[place] = label;
  }
  const detail::Softmax softmax{logits};
  std::array<Prediction, count> result{};
  for (std::size_t i = 0; i < count; ++i) result[i] = {static_cast<int>(best[i]), softmax(logits[best[i]])};
  return result;
}

}  // namespace attar
