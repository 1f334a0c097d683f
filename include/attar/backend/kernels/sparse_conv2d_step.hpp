// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include <attar/backend/kernels/activate.hpp>
#include <attar/backend/kernels/depthwise.hpp>
#include <attar/backend/kernels/vector.hpp>
#include <attar/backend/operation.hpp>
#include <attar/backend/step_session.hpp>
#include <attar/core/aligned_buffer.hpp>
#include <attar/core/parallel.hpp>
#include <attar/core/shape.hpp>
#include <attar/detail/whole_range.hpp>
#include <attar/layers/op.hpp>
#include <attar/model/program.hpp>

namespace attar::detail {

/// A convolution of a float inference that leaves out the weights that are zero in blocks: the weights of as many
/// outputs side by side as a vector holds, of one tap and one input channel (`Blocks<16>`). What is left costs what it
/// costs in a dense convolution, a multiplication of vectors each. Zeros that are scattered save nothing here.
class SparseConv2dStep {
 public:
  using Binding = StepPointers;

  /// The largest share of blocks that are not zero with which it is worth a try.
  static constexpr double most_blocks = 0.75;

  /// Whether it can do this operation, and enough of the blocks are zero.
  [[nodiscard]] static bool handles(const OperationContext& context, std::span<const float> parameters) {
    const Op& op = context.op;
    if (op.kind != OpKind::conv2d || op.groups != 1) return false;
    if (context.program.shape(op.output).channels % native_lanes != 0) return false;
    const BlockCount count = count_blocks(context, parameters);
    return static_cast<double>(count.kept) <= most_blocks * static_cast<double>(count.all);
  }

  SparseConv2dStep(const OperationContext& context, std::span<const float> parameters)
      : in_{context.program.shape(context.op.operands[0])},
        out_{context.program.shape(context.op.output)},
        padding_{context.op.window.padding},
        batch_{static_cast<std::size_t>(context.batch)},
        activation_{context.op.activation},
        bias_{static_cast<std::size_t>(out_.channels)} {
    const Op& op = context.op;
    if (op.bias >= 0) detail::copy(tensor(context, parameters, op.bias), bias_.begin());
    find_windows(op.window);
    collect_blocks(op.window, tensor(context, parameters, op.weight));
  }

  [[nodiscard]] std::string kernel_name() const { return "attar sparse blocks"; }
  [[nodiscard]] std::size_t scratchpad_bytes() const noexcept {
    return padded() ? batch_ * padded_size() * sizeof(float) : 0;
  }
  [[nodiscard]] Binding bind(const StepPointers& pointers) const noexcept { return pointers; }

  void execute(auto& p) const noexcept {
    const auto* input = reinterpret_cast<const float*>(p.inputs[0]);
    const auto* residual = reinterpret_cast<const float*>(p.residual);
    auto* output = reinterpret_cast<float*>(p.output);
    if (padded()) {
      pad(input, reinterpret_cast<float*>(p.scratchpad));
      input = reinterpret_cast<const float*>(p.scratchpad);
    }
    const std::size_t columns = first_.size() - 1;
    parallel_for(batch_ * columns, [&](std::size_t job) {
      const std::size_t image = job / columns;
      const std::size_t at = image * out_.size();
      convolve(input + image * padded_size(), job % columns, residual == nullptr ? nullptr : residual + at,
               output + at);
    });
  }

 private:
  static constexpr Lanes<native_lanes> lanes{};
  static constexpr auto width = static_cast<std::size_t>(native_lanes);
  using Vector = Floats<native_lanes>;

  struct BlockCount {
    std::size_t kept = 0;
    std::size_t all = 0;
  };

  static std::span<const float> tensor(const OperationContext& context, std::span<const float> parameters, int index) {
    const Parameter& parameter = context.program.parameter(index);
    return parameters.subspan(parameter.offset, parameter.size);
  }

  /// Whether the outputs `first` to `first + lanes` all have a zero at place `at` of their filters, of `size` numbers.
  static bool is_zero(std::span<const float> weights, std::size_t first, std::size_t at, std::size_t size) {
    for (std::size_t lane = 0; lane < width; ++lane) {
      if (weights[(first + lane) * size + at] != 0) return false;
    }
    return true;
  }

  static BlockCount count_blocks(const OperationContext& context, std::span<const float> parameters) {
    const std::span<const float> weights = tensor(context, parameters, context.op.weight);
    const auto outputs = static_cast<std::size_t>(context.program.shape(context.op.output).channels);
    const std::size_t size = weights.size() / outputs;
    BlockCount count;
    for (std::size_t first = 0; first < outputs; first += width) {
      for (std::size_t at = 0; at < size; ++at) {
        ++count.all;
        count.kept += is_zero(weights, first, at, size) ? 0 : 1;
      }
    }
    return count;
  }

  [[nodiscard]] bool padded() const noexcept { return padding_ != Extent{0, 0}; }
  [[nodiscard]] std::size_t padded_width() const noexcept {
    return static_cast<std::size_t>(in_.width + 2 * padding_.width);
  }
  /// Numbers of an image with its padding.
  [[nodiscard]] std::size_t padded_size() const noexcept {
    return static_cast<std::size_t>(in_.height + 2 * padding_.height) * padded_width() *
           static_cast<std::size_t>(in_.channels);
  }

  /// Where the window of each output pixel begins in a padded image.
  void find_windows(const Window& window) {
    for (int y = 0; y < out_.height; ++y) {
      for (int x = 0; x < out_.width; ++x) {
        const auto pixel = static_cast<std::size_t>(y * window.stride.height) * padded_width() +
                           static_cast<std::size_t>(x * window.stride.width);
        windows_.push_back(pixel * static_cast<std::size_t>(in_.channels));
      }
    }
  }

  /// The blocks that are not zero, in the order in which they read the image.
  void collect_blocks(const Window& window, std::span<const float> weights) {
    const auto channels = static_cast<std::size_t>(in_.channels);
    const std::size_t taps = static_cast<std::size_t>(window.kernel.height * window.kernel.width);
    const std::size_t size = channels * taps;
    std::vector<float> kept;
    for (std::size_t first = 0; first < bias_.size(); first += width) {
      first_.push_back(places_.size());
      for (std::size_t tap = 0; tap < taps; ++tap) {
        const std::size_t row = tap / static_cast<std::size_t>(window.kernel.width);
        const std::size_t column = tap % static_cast<std::size_t>(window.kernel.width);
        const std::size_t pixel = row * static_cast<std::size_t>(window.dilation.height) * padded_width() +
                                  column * static_cast<std::size_t>(window.dilation.width);
        for (std::size_t channel = 0; channel < channels; ++channel) {
          const std::size_t at = channel * taps + tap;
          if (is_zero(weights, first, at, size)) continue;
          places_.push_back(pixel * channels + channel);
          for (std::size_t lane = 0; lane < width; ++lane) kept.push_back(weights[(first + lane) * size + at]);
        }
      }
    }
    first_.push_back(places_.size());
    blocks_ = AlignedBuffer<float>{kept.size()};
    detail::copy(kept, blocks_.begin());
  }

  /// Copies all images to where their padding is zero.
  void pad(const float* input, float* target) const noexcept {
    const std::size_t row = static_cast<std::size_t>(in_.width) * static_cast<std::size_t>(in_.channels);
    const std::size_t margin = static_cast<std::size_t>(padding_.width) * static_cast<std::size_t>(in_.channels);
    const std::size_t above = static_cast<std::size_t>(padding_.height) * (row + 2 * margin);
    parallel_for(batch_, [&](std::size_t image) {
      float* to = target + image * padded_size();
      const float* from = input + image * in_.size();
      to = std::fill_n(to, above, 0.0F);
      for (int y = 0; y < in_.height; ++y, from += row) {
        to = std::fill_n(to, margin, 0.0F);
        to = std::copy_n(from, row, to);
        to = std::fill_n(to, margin, 0.0F);
      }
      std::fill_n(to, above, 0.0F);
    });
  }

  /// One image, one vector of outputs.
  void convolve(const auto* image, std::size_t column, const float* residual, float* output) const noexcept {
    std::size_t pixel = 0;
    const auto tiles = [&]<int Pixels>(std::integral_constant<int, Pixels>) {
      for (; pixel + Pixels <= windows_.size(); pixel += Pixels) {
        convolve_tile<Pixels>(image, column, pixel, residual, output);
      }
    };
    tiles(std::integral_constant<int, 14>{});
    tiles(std::integral_constant<int, 4>{});
    tiles(std::integral_constant<int, 1>{});
  }

  template <int Pixels>
  void convolve_tile(const float* image, std::size_t column, std::size_t pixel, const float* residual,
                     float* output) const noexcept {
    std::array<const float*, Pixels> from;
    for (std::size_t i = 0; i < Pixels; ++i) from[i] = image + windows_[pixel + i];
    const Vector bias = load(bias_.data() + column * width, lanes);
    Vector sums[Pixels];
    unroll<Pixels>([&](auto i) { sums[i] = bias; });
    for (std::size_t block = first_[column]; block < first_[column + 1]; ++block) {
      const Vector weights = load(blocks_.data() + block * width, lanes);
      const std::size_t place = places_[block];
      unroll<Pixels>([&](auto i) { sums[i] += weights * from[i][place]; });
    }
    with_activation(activation_, [&]<Activation Function>(ActivationConstant<Function>) {
      unroll<Pixels>([&](auto i) {
        const std::size_t at = (pixel + i) * bias_.size() + column * width;
        if (residual != nullptr) sums[i] += load(residual + at, lanes);
        store(output + at, activate<Function>(sums[i]), lanes);
      });
    });
  }

  Shape in_;
  Shape out_;
  Extent padding_;
  std::size_t batch_;
  Activation activation_;
  AlignedBuffer<float> bias_;
  std::vector<std::size_t> windows_;  ///< Per output pixel: where its window begins.
  std::vector<std::size_t> first_;    ///< Per vector of outputs: its first block; the end behind the last.
  std::vector<std::size_t> places_;   ///< Per block: the input that it reads, from the beginning of a window.
  AlignedBuffer<float> blocks_;       ///< Per block: its weights.
};

}  // namespace attar::detail
