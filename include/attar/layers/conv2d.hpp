// SPDX-License-Identifier: MIT
#pragma once

#include <string_view>

#include <attar/layers/options.hpp>
#include <attar/layers/program_builder.hpp>

namespace attar {

/// Two-dimensional convolution (cross-correlation, as everywhere in the field).
///
/// C x H x W -> `Outputs` x H' x W'. Options in any order: `Kernel<1>`, `Stride<1>`, `Padding<>` (default: half of the
/// dilated kernel), `Dilation<1>`, `Groups<1>`, `Bias`. Weights: `Outputs` x C/groups x KH x KW.
///
///     Conv2d<16, Kernel<3>, Stride<2>>
template <int Outputs, class... Options>
struct Conv2d {
  static_assert(((detail::is_window_option<Options> || detail::is_groups<Options> || std::is_same_v<Options, Bias>) &&
                 ...),
                "attar[E007]: Conv2d takes the options Kernel, Stride, Padding, Dilation, Groups and Bias only");

  static constexpr std::string_view name = "Conv2d";
  static constexpr int outputs = Outputs;
  static constexpr Window window = detail::window_of<Options...>({1, 1}, false);
  static constexpr int groups = detail::groups_of<Options...>();
  static constexpr bool bias = (std::is_same_v<Options, Bias> || ...);

  static constexpr int emit(ProgramBuilder& builder, int input) {
    builder.begin_layer(name, input);
    const Shape in = builder.shape(input);
    const Extent out = window.output(in);
    const int count = builder.outputs(Outputs);
    const int parts = groups > 1 && groups == Outputs ? count : groups;  // A depthwise convolution stays one.
    if (count <= 0) return builder.fail(Fault::outputs_not_positive, input);
    if (in.channels % parts != 0 || count % parts != 0) return builder.fail(Fault::groups_do_not_divide, input);
    if (out.height <= 0 || out.width <= 0) return builder.fail(Fault::window_does_not_fit, input);
    Op op{.kind = OpKind::conv2d, .window = window, .groups = parts};
    op.weight = builder.parameter("weight", Role::weight,
                                  {count, in.channels / parts, window.kernel.height, window.kernel.width}, 4);
    if (bias) op.bias = builder.parameter("bias", Role::bias, {count}, 1);
    return builder.append(op, {input}, {count, out.height, out.width});
  }
};

}  // namespace attar
