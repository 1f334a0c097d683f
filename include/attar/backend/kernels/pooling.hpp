// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>

#include <attar/backend/kernels/axis_taps.hpp>
#include <attar/backend/kernels/vector.hpp>
#include <attar/backend/operation.hpp>
#include <attar/core/parallel.hpp>
#include <attar/core/shape.hpp>

namespace attar::detail {

/// What a pooling knows: shapes, and which pixels meet.
struct PoolGeometry {
  Window window;
  Shape in;
  Shape out;
  WindowTaps of_outputs;
  WindowTaps of_inputs;

  explicit PoolGeometry(const OperationContext& context)
      : window{context.op.window},
        in{context.program.shape(context.op.operands[0])},
        out{context.program.shape(context.op.output)},
        of_outputs{WindowTaps::of_outputs(window, in, out)},
        of_inputs{WindowTaps::of_inputs(window, in, out)} {}
};

/// Calls `body(image, row, column, element)` for every pixel of `batch` maps of `shape`, on several threads; `element`
/// is where the pixel's channels begin.
template <class Body>
void for_pixels(std::size_t batch, const Shape& shape, Body&& body) {
  const auto height = static_cast<std::size_t>(shape.height);
  const auto width = static_cast<std::size_t>(shape.width);
  parallel_for(batch * height, [&](std::size_t line) {
    for (std::size_t column = 0; column < width; ++column) {
      body(line / height, line % height, column, (line * width + column) * static_cast<std::size_t>(shape.channels));
    }
  });
}

/// Along one axis, the outputs whose window has a tap inside of the image: `count` from number `first` on, and the
/// position of that tap for the first of them.
struct TapRange {
  int first;
  int count;
  int position;

  /// `offset` is where the tap lies in the window of output 0.
  static constexpr TapRange of(int in, int out, int stride, int offset) noexcept {
    const int first = offset < 0 ? (-offset + stride - 1) / stride : 0;
    const int end = offset < in ? std::min(out, (in - 1 - offset) / stride + 1) : 0;
    return {first, std::max(end - first, 0), first * stride + offset};
  }
};

/// The largest number of each window, row `row` of the result: `larger(from, to, count)` keeps the larger of each of
/// `count` neighbouring numbers, element `from` of the image and element `to` of the row. The loop over the taps is the
/// outer one: windows are small, rows are long.
template <class Larger>
[[gnu::always_inline]] inline void max_pool_row(const Window& w, const Shape& in, const Shape& out, int row,
                                                const Larger& larger) {
  const auto channels = static_cast<std::size_t>(in.channels);
  for (int i = 0; i < w.kernel.height; ++i) {
    const int y = row * w.stride.height - w.padding.height + i * w.dilation.height;
    if (y < 0 || y >= in.height) continue;
    for (int j = 0; j < w.kernel.width; ++j) {
      const TapRange x = TapRange::of(in.width, out.width, w.stride.width, j * w.dilation.width - w.padding.width);
      const auto count = static_cast<std::size_t>(x.count);
      std::size_t from = static_cast<std::size_t>(y * in.width + x.position) * channels;
      std::size_t to = static_cast<std::size_t>(x.first) * channels;
      if (w.stride.width == 1) {
        larger(from, to, count * channels);
        continue;
      }
      const std::size_t step = static_cast<std::size_t>(w.stride.width) * channels;
      for (std::size_t k = 0; k < count; ++k, from += step, to += channels) larger(from, to, channels);
    }
  }
}

/// Where the channels of a pixel begin.
[[nodiscard]] inline std::size_t element_of(const Shape& shape, std::size_t image, int row, int column) noexcept {
  return ((image * static_cast<std::size_t>(shape.height) + static_cast<std::size_t>(row)) *
              static_cast<std::size_t>(shape.width) +
          static_cast<std::size_t>(column)) *
         static_cast<std::size_t>(shape.channels);
}

}  // namespace attar::detail
