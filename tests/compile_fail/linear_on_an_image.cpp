// attar[E012]
// SPDX-License-Identifier: MIT
#include <attar/model/sequential.hpp>

using namespace attar;

#if ATTAR_ACCEPT
using Net = Sequential<Input<3, 8, 8>, Conv2d<8>, Flatten, Linear<10>>;
#else
using Net = Sequential<Input<3, 8, 8>, Conv2d<8>, Linear<10>>;
#endif

constexpr int output = Net::program.output;
