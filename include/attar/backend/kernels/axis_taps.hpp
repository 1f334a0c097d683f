// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include <attar/core/shape.hpp>
#include <attar/layers/op.hpp>

namespace attar::detail {

/// Along one axis of a window: which positions meet through which tap. Padding is left out.
class AxisTaps {
 public:
  struct Tap {
    int position;  ///< On the other side.
    int tap;       ///< Of the kernel.
  };

  /// For each output, the inputs that it reads.
  static AxisTaps of_outputs(int in, int out, int kernel, int stride, int padding, int dilation) {
    AxisTaps taps;
    for (int o = 0; o < out; ++o) {
      for (int tap = 0; tap < kernel; ++tap) {
        const int i = o * stride - padding + tap * dilation;
        if (i >= 0 && i < in) taps.taps_.push_back({i, tap});
      }
      taps.ends_.push_back(taps.taps_.size());
    }
    return taps;
  }

  /// For each input, the outputs that read it.
  static AxisTaps of_inputs(int in, int out, int kernel, int stride, int padding, int dilation) {
    AxisTaps taps;
    for (int i = 0; i < in; ++i) {
      for (int tap = 0; tap < kernel; ++tap) {
        const int shifted = i + padding - tap * dilation;
        if (shifted >= 0 && shifted % stride == 0 && shifted / stride < out) {
          taps.taps_.push_back({shifted / stride, tap});
        }
      }
      taps.ends_.push_back(taps.taps_.size());
    }
    return taps;
  }

  [[nodiscard]] std::span<const Tap> operator[](std::size_t position) const noexcept {
    const std::size_t begin = position == 0 ? 0 : ends_[position - 1];
    return {taps_.data() + begin, ends_[position] - begin};
  }

 private:
  std::vector<Tap> taps_;
  std::vector<std::size_t> ends_;
};

/// Both axes of a window, seen from the outputs or from the inputs.
struct WindowTaps {
  AxisTaps rows;
  AxisTaps columns;

  static WindowTaps of_outputs(const Window& w, const Shape& in, const Shape& out) {
    return {
        AxisTaps::of_outputs(in.height, out.height, w.kernel.height, w.stride.height, w.padding.height,
                             w.dilation.height),
        AxisTaps::of_outputs(in.width, out.width, w.kernel.width, w.stride.width, w.padding.width, w.dilation.width)};
  }
  static WindowTaps of_inputs(const Window& w, const Shape& in, const Shape& out) {
    return {
        AxisTaps::of_inputs(in.height, out.height, w.kernel.height, w.stride.height, w.padding.height,
                            w.dilation.height),
        AxisTaps::of_inputs(in.width, out.width, w.kernel.width, w.stride.width, w.padding.width, w.dilation.width)};
  }
};

}  // namespace attar::detail
