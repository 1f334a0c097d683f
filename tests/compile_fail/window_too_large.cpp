// attar[E011]
// SPDX-License-Identifier: MIT
#include <attar/model/sequential.hpp>

using namespace attar;

#if ATTAR_ACCEPT
using Net = Sequential<Input<3, 8, 8>, MaxPool2d<8>>;
#else
using Net = Sequential<Input<3, 8, 8>, MaxPool2d<9>>;
#endif

constexpr int output = Net::program.output;
