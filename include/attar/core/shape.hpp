// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <string>

namespace attar {

/// The size of one image or feature map. In memory the order is height, width, channels (NHWC with the batch in
/// front); a vector of features is C x 1 x 1.
struct Shape {
  int channels = 0;
  int height = 1;
  int width = 1;

  /// Height times width.
  [[nodiscard]] constexpr std::size_t pixels() const noexcept {
    return static_cast<std::size_t>(height) * static_cast<std::size_t>(width);
  }
  /// The number of elements.
  [[nodiscard]] constexpr std::size_t size() const noexcept { return pixels() * static_cast<std::size_t>(channels); }

  friend constexpr bool operator==(const Shape&, const Shape&) = default;
};

/// "16x28x28": channels, height, width, as PyTorch prints them.
[[nodiscard]] inline std::string to_string(const Shape& shape) {
  return std::to_string(shape.channels) + "x" + std::to_string(shape.height) + "x" + std::to_string(shape.width);
}

}  // namespace attar
