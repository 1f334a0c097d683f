// SPDX-License-Identifier: MIT
#pragma once

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

/// Where the channels of a pixel begin.
[[nodiscard]] inline std::size_t element_of(const Shape& shape, std::size_t image, int row, int column) noexcept {
  return ((image * static_cast<std::size_t>(shape.height) + static_cast<std::size_t>(row)) *
              static_cast<std::size_t>(shape.width) +
          static_cast<std::size_t>(column)) *
         static_cast<std::size_t>(shape.channels);
}

}  // namespace attar::detail
