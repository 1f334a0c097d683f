// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include <attar/core/aligned_buffer.hpp>
#include <attar/core/rng.hpp>
#include <attar/data/dataset.hpp>

namespace attar::test {

/// 8 x 8 gray images of noise with one bright corner; the corner is the class. A small network learns it in a few
/// steps.
inline Dataset corners(std::size_t count, Seed seed = Seed{7}) {
  constexpr std::size_t side = 8;
  Rng rng{seed};
  AlignedBuffer<std::uint8_t> images{count * side * side};
  std::vector<int> labels(count);
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint32_t corner = rng.below(4);
    labels[i] = static_cast<int>(corner);
    for (std::size_t y = 0; y < side; ++y) {
      for (std::size_t x = 0; x < side; ++x) {
        const bool bright = (y < side / 2) == (corner < 2) && (x < side / 2) == (corner % 2 == 0);
        images[(i * side + y) * side + x] = static_cast<std::uint8_t>(rng.below(100) + (bright ? 100 : 0));
      }
    }
  }
  return Dataset{Shape{1, side, side}, 4, std::move(images), std::move(labels), Normalization{{0.3F}, {0.2F}}};
}

}  // namespace attar::test
