// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>

#include <attar/backend/kernels/pooling.hpp>
#include <attar/backend/kernels/vector.hpp>
#include <attar/backend/operation.hpp>
#include <attar/core/aligned_buffer.hpp>
#include <attar/core/parallel.hpp>
#include <attar/core/shape.hpp>

namespace attar::detail {

/// output = the largest number of each window, or NaN where there is one, as in PyTorch.
template <class Storage>
void apply_max_pool(const PoolGeometry& geometry, std::size_t batch, const Storage* input, Storage* output) noexcept {
  const Shape& out = geometry.out;
  const auto height = static_cast<std::size_t>(out.height);
  const std::size_t row_size = out.size() / height;
  parallel_for(batch * height, [&](std::size_t line) {
    const Storage* const image = input + line / height * geometry.in.size();
    Storage* const row = output + line * row_size;
    std::fill_n(row, row_size, static_cast<Storage>(-std::numeric_limits<float>::infinity()));
    max_pool_row(geometry.window, geometry.in, out, static_cast<int>(line % height),
                 [&](std::size_t from, std::size_t to, std::size_t count) {
                   for_lanes(0, count, [&]<int L>(std::size_t i, Lanes<L> lanes) {
                     const Floats<L> value = load(image + from + i, lanes);
                     const Floats<L> best = load(row + to + i, lanes);
                     store(row + to + i, ((value > best) | (value != value)) ? value : best, lanes);
                   });
                 });
  });
}

/// The same; `positions` receives for each output which tap of the kernel it was: the first one of equals, row by row,
/// and any NaN, as in PyTorch.
template <class Storage>
void apply_max_pool(const PoolGeometry& geometry, std::size_t batch, const Storage* input, Storage* output,
                    std::uint16_t* positions) noexcept {
  const auto channels = static_cast<std::size_t>(geometry.out.channels);
  for_pixels(batch, geometry.out, [&](std::size_t image, std::size_t row, std::size_t column, std::size_t to) {
    for_lanes(0, channels, [&]<int L>(std::size_t c, Lanes<L> lanes) {
      Floats<L> best = Floats<L>{} - std::numeric_limits<float>::infinity();
      Ints<L> position = Ints<L>{} - 1;
      for (const auto y : geometry.of_outputs.rows[row]) {
        for (const auto x : geometry.of_outputs.columns[column]) {
          const Floats<L> value = load(input + element_of(geometry.in, image, y.position, x.position) + c, lanes);
          const Ints<L> better = (value > best) | (value != value) | (position < 0);
          best = better ? value : best;
          position = better ? Ints<L>{} + (y.tap * geometry.window.kernel.width + x.tap) : position;
        }
      }
      store(output + to + c, best, lanes);
      const Shorts<L> narrow = __builtin_convertvector(position, Shorts<L>);
      std::memcpy(positions + to + c, &narrow, sizeof(narrow));
    });
  });
}

/// Max pooling; it remembers the positions of the maxima.
template <class Storage>
class MaxPoolKernel final : public Operation<Storage, float> {
 public:
  using typename Operation<Storage, float>::Arguments;

  explicit MaxPoolKernel(const OperationContext& context)
      : geometry_{context},
        batch_{static_cast<std::size_t>(context.batch)},
        positions_{batch_ * geometry_.out.size()} {}

  void forward(const Arguments& arguments) override {
    apply_max_pool(geometry_, batch_, arguments.inputs[0], arguments.output, positions_.data());
  }

  /// Each input gathers from the windows that it is the maximum of.
  void backward(const Arguments& arguments) override {
    Storage* result = arguments.input_gradients[0];
    if (result == nullptr) return;
    const auto channels = static_cast<std::size_t>(geometry_.out.channels);
    for_pixels(batch_, geometry_.in, [&](std::size_t image, std::size_t row, std::size_t column, std::size_t to) {
      for_lanes(0, channels, [&]<int L>(std::size_t c, Lanes<L> lanes) {
        const Floats<L> zero{};
        Floats<L> sum{};
        for (const auto y : geometry_.of_inputs.rows[row]) {
          for (const auto x : geometry_.of_inputs.columns[column]) {
            const std::size_t from = element_of(geometry_.out, image, y.position, x.position) + c;
            Shorts<L> narrow;
            std::memcpy(&narrow, positions_.data() + from, sizeof(narrow));
            const Ints<L> position = __builtin_convertvector(narrow, Ints<L>);
            const int tap = y.tap * geometry_.window.kernel.width + x.tap;
            sum += position == tap ? load(arguments.output_gradient + from, lanes) : zero;
          }
        }
        put(result + to + c, sum, arguments.accumulate[0], lanes);
      });
    });
  }

 private:
  PoolGeometry geometry_;
  std::size_t batch_;
  AlignedBuffer<std::uint16_t> positions_;
};

}  // namespace attar::detail
