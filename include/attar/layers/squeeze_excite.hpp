// SPDX-License-Identifier: MIT
#pragma once

#include <string_view>

#include <attar/layers/program_builder.hpp>

namespace attar {

/// Weighs the channels by what the whole image says of them (Hu et al. 2018), in MobileNetV3's form: mean, a linear
/// layer to C / `Reduction` features, ReLU, a linear layer back, hard sigmoid, product. Shape unchanged. Parameters:
/// `fc1.weight` (C/R x C), `fc1.bias`, `fc2.weight` (C x C/R), `fc2.bias`.
template <int Reduction = 4>
struct SqueezeExcite {
  static_assert(Reduction > 0, "attar[E021]: the reduction of SqueezeExcite is a positive number");
  static constexpr std::string_view name = "SqueezeExcite";

  static constexpr int emit(ProgramBuilder& builder, int input) {
    builder.begin_layer(name, input);
    const Shape in = builder.shape(input);
    const int squeezed = in.channels / Reduction;
    if (squeezed == 0) return builder.fail(Fault::squeeze_too_strong, input);
    int gate = builder.append({.kind = OpKind::global_avg_pool}, {input}, {in.channels, 1, 1});
    Op squeeze{.kind = OpKind::linear};
    squeeze.weight = builder.parameter("fc1.weight", Role::weight, {squeezed, in.channels}, 2);
    squeeze.bias = builder.parameter("fc1.bias", Role::bias, {squeezed}, 1);
    gate = builder.append(squeeze, {gate}, {squeezed, 1, 1});
    gate = builder.activation(Activation::relu, gate);
    Op excite{.kind = OpKind::linear};
    excite.weight = builder.parameter("fc2.weight", Role::weight, {in.channels, squeezed}, 2);
    excite.bias = builder.parameter("fc2.bias", Role::bias, {in.channels}, 1);
    gate = builder.append(excite, {gate}, {in.channels, 1, 1});
    gate = builder.activation(Activation::hard_sigmoid, gate);
    return builder.append({.kind = OpKind::scale}, {input, gate}, in);
  }
};

}  // namespace attar
