// attar[E014]
// SPDX-License-Identifier: MIT
#include <attar/model/sequential.hpp>

using namespace attar;

#if ATTAR_ACCEPT
using Net = Sequential<Input<3, 8, 8>, Concat<Conv2d<8, Kernel<3>>, MaxPool2d<3, Stride<1>, Padding<1>>>>;
#else
using Net = Sequential<Input<3, 8, 8>, Concat<Conv2d<8, Kernel<3>>, MaxPool2d<3>>>;
#endif

constexpr int output = Net::program.output;
