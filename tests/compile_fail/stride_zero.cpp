// attar[E002]
// SPDX-License-Identifier: MIT
#include <attar/model/sequential.hpp>

using namespace attar;

#if ATTAR_ACCEPT
using Net = Sequential<Input<3, 8, 8>, MaxPool2d<2, Stride<1>>>;
#else
using Net = Sequential<Input<3, 8, 8>, MaxPool2d<2, Stride<0>>>;
#endif

constexpr int output = Net::program.output;
