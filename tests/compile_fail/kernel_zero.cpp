// attar[E001]
// SPDX-License-Identifier: MIT
#include <attar/model/sequential.hpp>

using namespace attar;

#if ATTAR_ACCEPT
using Net = Sequential<Input<3, 8, 8>, Conv2d<8, Kernel<3>>>;
#else
using Net = Sequential<Input<3, 8, 8>, Conv2d<8, Kernel<0>>>;
#endif

constexpr int output = Net::program.output;
