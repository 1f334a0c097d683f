// attar[E015]
// SPDX-License-Identifier: MIT
#include <attar/model/sequential.hpp>

using namespace attar;

#if ATTAR_ACCEPT
using Net = Sequential<Input<3, 8, 8>, MaxPool2d<3, Padding<1>>>;
#else
using Net = Sequential<Input<3, 8, 8>, MaxPool2d<3, Padding<2>>>;
#endif

constexpr int output = Net::program.output;
