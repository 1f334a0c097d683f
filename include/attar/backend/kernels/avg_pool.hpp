// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>

#include <attar/backend/kernels/pooling.hpp>
#include <attar/backend/operation.hpp>

namespace attar::detail {

/// output = the mean of each window, padding counted as zero.
template <class Storage>
void apply_avg_pool(const PoolGeometry& geometry, std::size_t batch, const Storage* input, Storage* output) noexcept {
  const auto channels = static_cast<std::size_t>(geometry.out.channels);
  const float share = 1.0F / static_cast<float>(geometry.window.kernel.height * geometry.window.kernel.width);
  for_pixels(batch, geometry.out, [&](std::size_t image, std::size_t row, std::size_t column, std::size_t to) {
    for_lanes(0, channels, [&]<int L>(std::size_t c, Lanes<L> lanes) {
      Floats<L> sum{};
      for (const auto y : geometry.of_outputs.rows[row]) {
        for (const auto x : geometry.of_outputs.columns[column]) {
          sum += load(input + element_of(geometry.in, image, y.position, x.position) + c, lanes);
        }
      }
      store(output + to + c, sum * share, lanes);
    });
  });
}

/// Average pooling.
template <class Storage>
class AvgPoolKernel final : public Operation<Storage, float> {
 public:
  using typename Operation<Storage, float>::Arguments;

  explicit AvgPoolKernel(const OperationContext& context)
      : geometry_{context}, batch_{static_cast<std::size_t>(context.batch)} {}

  void forward(const Arguments& arguments) override {
    apply_avg_pool(geometry_, batch_, arguments.inputs[0], arguments.output);
  }

  void backward(const Arguments& arguments) override {
    Storage* result = arguments.input_gradients[0];
    if (result == nullptr) return;
    const auto channels = static_cast<std::size_t>(geometry_.out.channels);
    const float share = 1.0F / static_cast<float>(geometry_.window.kernel.height * geometry_.window.kernel.width);
    for_pixels(batch_, geometry_.in, [&](std::size_t image, std::size_t row, std::size_t column, std::size_t to) {
      for_lanes(0, channels, [&]<int L>(std::size_t c, Lanes<L> lanes) {
        Floats<L> sum{};
        for (const auto y : geometry_.of_inputs.rows[row]) {
          for (const auto x : geometry_.of_inputs.columns[column]) {
            sum +=
                load(arguments.output_gradient + element_of(geometry_.out, image, y.position, x.position) + c, lanes);
          }
        }
        put(result + to + c, sum * share, arguments.accumulate[0], lanes);
      });
    });
  }

 private:
  PoolGeometry geometry_;
  std::size_t batch_;
};

}  // namespace attar::detail
