// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <vector>

#include <attar/core/rng.hpp>
#include <attar/model/network.hpp>
#include <attar/model/sequential.hpp>

namespace attar::test {

template <int Width, class... Options>
using Norm3 = Stack<Conv2d<Width, Kernel<3>, Options...>, BatchNorm2d>;

/// The shapes of the field's networks, small enough for tests.
using ResNetLike =
    Sequential<Input<3, 12, 12>, Norm3<16>, ReLU, Residual<Stack<Norm3<16>, ReLU, Norm3<16>>>, ReLU,
               Residual<Stack<Norm3<32, Stride<2>>, ReLU, Norm3<32>>, Stack<Conv2d<32, Stride<2>>, BatchNorm2d>>, ReLU,
               GlobalAvgPool, Linear<10>>;

using VggLike = Sequential<Input<1, 14, 14>, Norm3<16>, ReLU, MaxPool2d<2>, Norm3<32>, ReLU, MaxPool2d<2>, Flatten,
                           Dropout<Rate<1, 2>>, Linear<24>, ReLU, Linear<10>>;

template <int Inner, int Width, class... Options>
using Inverted = Stack<Conv2d<Inner>, BatchNorm2d, ReLU6, DepthwiseConv2d<Kernel<3>, Options...>, BatchNorm2d, ReLU6,
                       Conv2d<Width>, BatchNorm2d>;
using MobileNetV2Like = Sequential<Input<3, 12, 12>, Norm3<16, Stride<2>>, ReLU6, Inverted<32, 24, Stride<2>>,
                                   Residual<Inverted<48, 24>>, GlobalAvgPool, Linear<10>>;

using MobileNetV3Like = Sequential<Input<3, 12, 12>, Norm3<16>, HardSwish,
                                   Residual<Stack<Conv2d<32>, BatchNorm2d, HardSwish, DepthwiseConv2d<Kernel<5>>,
                                                  BatchNorm2d, HardSwish, SqueezeExcite<4>, Conv2d<16>, BatchNorm2d>>,
                                   GlobalAvgPool, Linear<32>, HardSwish, Linear<10>>;

template <int Growth>
using Dense = Concat<Stack<>, Stack<BatchNorm2d, ReLU, Conv2d<Growth, Kernel<3>>>>;
using DenseNetLike = Sequential<Input<3, 12, 12>, Conv2d<16, Kernel<3>>, Dense<12>, Dense<12>, BatchNorm2d, ReLU,
                                Conv2d<20>, AvgPool2d<2>, Dense<12>, BatchNorm2d, ReLU, GlobalAvgPool, Linear<10>>;

/// A network as if it had been trained: norms with statistics and biases that matter.
template <class A>
Network<A> lived_in(Seed seed) {
  Network<A> network{seed};
  Rng rng{seed, 1234};
  for (std::size_t i = 0; i < A::program.parameters.size(); ++i) {
    const Role role = A::program.parameters[i].role;
    if (role == Role::weight) continue;
    const bool positive = role == Role::norm_scale || role == Role::running_var;
    for (float& number : network.tensor(static_cast<int>(i))) {
      number = positive ? 0.5F + rng.uniform() : 0.2F * rng.normal();
    }
  }
  return network;
}

/// Normally distributed images.
inline std::vector<float> noise(std::size_t count, Seed seed) {
  std::vector<float> numbers(count);
  Rng rng{seed};
  for (float& number : numbers) number = rng.normal();
  return numbers;
}

}  // namespace attar::test
