// SPDX-License-Identifier: MIT
#pragma once

#include <attar/attar.hpp>

/// The network that is cut to a budget.
namespace prune_to_budget {

using namespace attar;  // NOLINT: the network reads as a user writes it

template <int Width, class... More>
using Unit = Stack<Conv2d<Width, Kernel<3>, More...>, BatchNorm2d, ReLU>;

template <int Width>
using ResidualUnit = Stack<Residual<Stack<Unit<Width>, Conv2d<Width, Kernel<3>>, BatchNorm2d>>, ReLU>;

using Wide = Sequential<Input<1, 28, 28>, Unit<32>, MaxPool2d<2>, Unit<64>, ResidualUnit<64>, MaxPool2d<2>, Unit<128>,
                        ResidualUnit<128>, GlobalAvgPool, Linear<10>>;

}  // namespace prune_to_budget
