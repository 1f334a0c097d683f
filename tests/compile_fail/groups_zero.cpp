// attar[E005]
// SPDX-License-Identifier: MIT
#include <attar/model/sequential.hpp>

using namespace attar;

#if ATTAR_ACCEPT
using Net = Sequential<Input<3, 8, 8>, Conv2d<9, Groups<3>>>;
#else
using Net = Sequential<Input<3, 8, 8>, Conv2d<9, Groups<0>>>;
#endif

constexpr int output = Net::program.output;
