// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
#include <string>

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

/// The usual depthwise convolutions: 3 x 3 or 5 x 5, stride 1 or 2. Few variants, so that programs that only infer
/// compile fast.
class DepthwiseLoops {
 public:
  [[nodiscard]] static bool handles(const Op& op, const Shape& in, const Shape& out) noexcept {
    const Window& w = op.window;
    return op.kind == OpKind::conv2d && op.groups == in.channels && out.channels == in.channels &&
           w.kernel.height == w.kernel.width && (w.kernel.width == 3 || w.kernel.width == 5) &&
           w.stride.height == w.stride.width && (w.stride.width == 1 || w.stride.width == 2) &&
           w.dilation == Extent{1, 1};
  }

  /// `weights` in PyTorch's order; `zero` is what stands for 0 in an image of bytes.
  template <class Weight>
  DepthwiseLoops(const Window& window, const Shape& in, const Shape& out, int batch, std::span<const Weight> weights,
                 std::byte zero = {})
      : window_{window},
        in_{in},
        out_{out},
        lines_{static_cast<std::size_t>(batch) * static_cast<std::size_t>(out.height)},
        weights_{weights.size()},
        zeros_{static_cast<std::size_t>(in.channels)},
        adds_nothing_{zero == std::byte{}} {
    for (std::byte& byte : std::as_writable_bytes(zeros_.span())) byte = zero;
    const std::size_t taps = weights.size() / zeros_.size();
    for (std::size_t c = 0; c < zeros_.size(); ++c) {
      for (std::size_t tap = 0; tap < taps; ++tap) {
        weights_[tap * zeros_.size() + c] = static_cast<float>(weights[c * taps + tap]);
      }
    }
  }

  /// Calls `finish(element, channel, sum, lanes)` with vectors of sums over the windows of `input`: where in the output
  /// they belong, and the first one's channel.
  template <class Storage, class Finish>
  void run(const Storage* input, Finish&& finish) const noexcept {
    const bool small = window_.kernel.width == 3;
    if (window_.stride.width == 1) return small ? run<3, 1>(input, finish) : run<5, 1>(input, finish);
    return small ? run<3, 2>(input, finish) : run<5, 2>(input, finish);
  }

 private:
  template <int Kernel, int Stride, class Storage, class Finish>
  void run(const Storage* input, Finish&& finish) const noexcept {
    const std::size_t channels = zeros_.size();
    const DepthwiseTaps taps{weights_.data(), static_cast<std::ptrdiff_t>(channels)};
    const auto height = static_cast<std::size_t>(out_.height);
    const std::size_t width = static_cast<std::size_t>(out_.width) * channels;
    parallel_for(lines_, [&](std::size_t line) {
      const PaddedImage<Storage> image{input + line / height * in_.size(),
                                       in_.height,
                                       in_.width,
                                       channels,
                                       reinterpret_cast<const Storage*>(zeros_.data()),
                                       adds_nothing_};
      const int top = static_cast<int>(line % height) * Stride - window_.padding.height;
      convolve_row<Kernel, Stride, 4>(
          image, top, -window_.padding.width, out_.width, taps, [&](int column, std::size_t c, auto sum, auto lanes) {
            finish(line * width + static_cast<std::size_t>(column) * channels + c, c, sum, lanes);
          });
    });
  }

  Window window_;
  Shape in_;
  Shape out_;
  std::size_t lines_;
  AlignedBuffer<float> weights_;
  AlignedBuffer<float> zeros_;  ///< Zero in every storage type, or bytes that stand for it.
  bool adds_nothing_;
};

/// A usual depthwise convolution of a float inference, sum and activation fused.
class DepthwiseStep {
 public:
  using Binding = StepPointers;

  [[nodiscard]] static bool handles(const OperationContext& context) noexcept {
    return DepthwiseLoops::handles(context.op, context.program.shape(context.op.operands[0]),
                                   context.program.shape(context.op.output));
  }

  DepthwiseStep(const OperationContext& context, std::span<const float> parameters)
      : loops_{context.op.window, context.program.shape(context.op.operands[0]),
               context.program.shape(context.op.output), context.batch,
               tensor(context.program, parameters, context.op.weight)},
        activation_{context.op.activation},
        bias_{static_cast<std::size_t>(context.program.shape(context.op.output).channels)} {
    if (context.op.bias >= 0) detail::copy(tensor(context.program, parameters, context.op.bias), bias_.begin());
  }

  [[nodiscard]] std::string kernel_name() const { return "attar depthwise"; }
  [[nodiscard]] std::size_t scratchpad_bytes() const noexcept { return 0; }
  [[nodiscard]] Binding bind(const StepPointers& pointers) const noexcept { return pointers; }

  void execute(auto& p) const noexcept {
    const auto* residual = reinterpret_cast<const float*>(p.residual);
    auto* output = reinterpret_cast<float*>(p.output);
    loops_.run(reinterpret_cast<const float*>(p.inputs[0]), [&](std::size_t i, std::size_t c, auto sum, auto lanes) {
      sum += load(bias_.data() + c, lanes);
      if (residual != nullptr) sum += load(residual + i, lanes);
      with_activation(activation_, [&]<Activation Function>(ActivationConstant<Function>) {
        store(output + i, activate<Function>(sum), lanes);
      });
    });
  }

 private:
  static std::span<const float> tensor(const Program& program, std::span<const float> parameters, int index) {
    const Parameter& parameter = program.parameter(index);
    return parameters.subspan(parameter.offset, parameter.size);
  }

  DepthwiseLoops loops_;
  Activation activation_;
  AlignedBuffer<float> bias_;
};

}  // namespace attar::detail
