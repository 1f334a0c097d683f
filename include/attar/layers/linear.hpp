// SPDX-License-Identifier: MIT
#pragma once

#include <string_view>
#include <type_traits>

#include <attar/layers/options.hpp>
#include <attar/layers/program_builder.hpp>

namespace attar {

/// y = W x + b on a vector of features: C -> `Outputs`. Weights: `Outputs` x C. Option: `NoBias`.
template <int Outputs, class... Options>
struct Linear {
  static_assert((std::is_same_v<Options, NoBias> && ...), "attar[E017]: Linear takes the option NoBias only");

  static constexpr std::string_view name = "Linear";
  static constexpr int outputs = Outputs;
  static constexpr bool bias = sizeof...(Options) == 0;

  static constexpr int emit(ProgramBuilder& builder, int input) {
    builder.begin_layer(name, input);
    const Shape in = builder.shape(input);
    const int count = builder.outputs(Outputs);
    if (count <= 0) return builder.fail(Fault::outputs_not_positive, input);
    if (in.pixels() != 1) return builder.fail(Fault::linear_needs_vector, input);
    Op op{.kind = OpKind::linear};
    op.weight = builder.parameter("weight", Role::weight, {count, in.channels}, 2);
    if (bias) op.bias = builder.parameter("bias", Role::bias, {count}, 1);
    return builder.append(op, {input}, {count, 1, 1});
  }
};

}  // namespace attar
