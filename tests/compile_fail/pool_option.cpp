// attar[E018]
// SPDX-License-Identifier: MIT
#include <attar/model/sequential.hpp>

using namespace attar;

#if ATTAR_ACCEPT
using Net = Sequential<Input<3, 8, 8>, AvgPool2d<3, Stride<1>>>;
#else
using Net = Sequential<Input<3, 8, 8>, AvgPool2d<3, Dilation<1>>>;
#endif

constexpr int output = Net::program.output;
