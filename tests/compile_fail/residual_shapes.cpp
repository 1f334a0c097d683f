// attar[E013]
// SPDX-License-Identifier: MIT
#include <attar/model/sequential.hpp>

using namespace attar;

#if ATTAR_ACCEPT
using Net = Sequential<Input<3, 8, 8>, Residual<Conv2d<3>>>;
#else
using Net = Sequential<Input<3, 8, 8>, Residual<Conv2d<8>>>;
#endif

constexpr int output = Net::program.output;
