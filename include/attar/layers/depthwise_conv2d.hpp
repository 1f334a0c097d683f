// SPDX-License-Identifier: MIT
#pragma once

#include <string_view>

#include <attar/layers/options.hpp>
#include <attar/layers/program_builder.hpp>

namespace attar {

/// A convolution with one group per channel: `Conv2d<C, Groups<C>, Options...>` that takes C from the layer before.
///
/// C x H x W -> C x H' x W'. Options: `Kernel`, `Stride`, `Padding`, `Dilation`, `Bias`. Weights: C x 1 x KH x KW.
template <class... Options>
struct DepthwiseConv2d {
  static_assert(((detail::is_window_option<Options> || std::is_same_v<Options, Bias>) && ...),
                "attar[E008]: DepthwiseConv2d takes the options Kernel, Stride, Padding, Dilation and Bias only");

  static constexpr std::string_view name = "DepthwiseConv2d";
  static constexpr Window window = detail::window_of<Options...>({1, 1}, false);
  static constexpr bool bias = (std::is_same_v<Options, Bias> || ...);

  static constexpr int emit(ProgramBuilder& builder, int input) {
    builder.begin_layer(name, input);
    const Shape in = builder.shape(input);
    const Extent out = window.output(in);
    if (out.height <= 0 || out.width <= 0) return builder.fail(Fault::window_does_not_fit, input);
    Op op{.kind = OpKind::conv2d, .window = window, .groups = in.channels};
    op.weight =
        builder.parameter("weight", Role::weight, {in.channels, 1, window.kernel.height, window.kernel.width}, 4);
    if (bias) op.bias = builder.parameter("bias", Role::bias, {in.channels}, 1);
    return builder.append(op, {input}, {in.channels, out.height, out.width});
  }
};

}  // namespace attar
