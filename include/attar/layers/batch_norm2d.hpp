// SPDX-License-Identifier: MIT
#pragma once

#include <string_view>
#include <type_traits>

#include <attar/layers/program_builder.hpp>

namespace attar {

/// What is added to the variance before the root, default 1/100000.
template <int Numerator, int Denominator>
struct Epsilon {
  static constexpr double value = static_cast<double>(Numerator) / Denominator;
};

/// The share of the new value in the running statistics, default 1/10.
template <int Numerator, int Denominator>
struct Momentum {
  static constexpr double value = static_cast<double>(Numerator) / Denominator;
};

/// Batch normalization per channel (Ioffe and Szegedy 2015) with PyTorch's conventions: the batch is normalized by its
/// biased variance, the running variance is unbiased. Shape unchanged. In inference the running statistics are used.
template <class Eps, class Share>
struct BatchNorm2dWith {
  static constexpr std::string_view name = "BatchNorm2d";

  static constexpr int emit(ProgramBuilder& builder, int input) {
    builder.begin_layer(name, input);
    const int channels = builder.shape(input).channels;
    Op op{.kind = OpKind::batch_norm, .epsilon = Eps::value, .momentum = Share::value};
    op.weight = builder.parameter("weight", Role::norm_scale, {channels}, 1);
    op.bias = builder.parameter("bias", Role::norm_shift, {channels}, 1);
    op.running_mean = builder.parameter("running_mean", Role::running_mean, {channels}, 1);
    op.running_var = builder.parameter("running_var", Role::running_var, {channels}, 1);
    return builder.append(op, {input}, builder.shape(input));
  }
};

/// Batch normalization with the usual constants: epsilon 1e-5, momentum 0.1.
using BatchNorm2d = BatchNorm2dWith<Epsilon<1, 100000>, Momentum<1, 10>>;

}  // namespace attar
