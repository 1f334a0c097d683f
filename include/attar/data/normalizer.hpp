// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <attar/core/shape.hpp>
#include <attar/data/augment.hpp>
#include <attar/data/normalization.hpp>

namespace attar {

/// Turns the bytes of an image (NHWC) into a network's input, (pixel / 255 - mean) / deviation per channel, moved as a
/// `Placement` says: one pass over the image, no memory of its own per image, callable from several threads.
class Normalizer {
 public:
  Normalizer(Shape shape, const Normalization& normalization)
      : shape_{shape}, channels_{static_cast<std::size_t>(shape.channels)} {
    const std::size_t row = channels_ * static_cast<std::size_t>(shape.width);
    for (std::size_t i = 0; i < row; ++i) {
      const std::size_t channel = i % channels_;
      scale_.push_back(1.0F / (255.0F * normalization.deviation[channel]));
      black_.push_back(-normalization.mean[channel] / normalization.deviation[channel]);
    }
  }

  /// Writes `shape.size()` floats to `output` from as many bytes of `image`. Without a placement the image stays as it
  /// is. What lies outside of the image is black, as if byte 0 stood there; the erased rectangle is 0.
  void operator()(std::span<const std::uint8_t> image, std::span<float> output, const Placement& placement = {}) const {
    const std::size_t row = black_.size();
    for (int y = 0; y < shape_.height; ++y) {
      float* out = output.data() + static_cast<std::size_t>(y) * row;
      const int source = y + placement.shift_y;
      if (source < 0 || source >= shape_.height) {
        std::copy_n(black_.data(), row, out);
      } else {
        write_row(image.data() + static_cast<std::size_t>(source) * row, out, placement);
      }
      if (y >= placement.cut_top && y < placement.cut_bottom) {
        std::fill(out + offset(placement.cut_left), out + offset(placement.cut_right), 0.0F);
      }
    }
  }

 private:
  [[nodiscard]] std::size_t offset(int x) const noexcept { return static_cast<std::size_t>(x) * channels_; }

  void write_row(const std::uint8_t* in, float* out, const Placement& placement) const {
    // Columns [left, right) of the window lie on the image.
    const int left = std::clamp(-placement.shift_x, 0, shape_.width);
    const int right = std::clamp(shape_.width - placement.shift_x, left, shape_.width);
    const std::size_t row = black_.size();
    const std::uint8_t* from = in + (placement.shift_x > 0 ? offset(placement.shift_x) : 0);
    const std::size_t begin = offset(placement.flipped ? shape_.width - right : left);
    const std::size_t end = begin + offset(right - left);
    std::copy_n(black_.data(), begin, out);
    if (placement.flipped) {
      mirror(from, out + begin, right - left);
    } else {
      copy(from, out + begin, scale_.data(), black_.data(), end - begin);
    }
    std::copy(black_.data() + end, black_.data() + row, out + end);
  }

  static void copy(const std::uint8_t* __restrict in, float* __restrict out, const float* __restrict scale,
                   const float* __restrict black, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) out[i] = static_cast<float>(in[i]) * scale[i] + black[i];
  }
  void mirror(const std::uint8_t* in, float* out, int pixels) const {
    for (int x = pixels - 1; x >= 0; --x, in += channels_) {
      float* pixel = out + offset(x);
      for (std::size_t c = 0; c < channels_; ++c) pixel[c] = static_cast<float>(in[c]) * scale_[c] + black_[c];
    }
  }

  Shape shape_;
  std::size_t channels_;
  std::vector<float> scale_;  ///< For each number of a row of the image, so that a row is one plain loop.
  std::vector<float> black_;  ///< What byte 0 becomes.
};

}  // namespace attar
