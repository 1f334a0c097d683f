// attar[E007]
// SPDX-License-Identifier: MIT
#include <attar/model/sequential.hpp>

using namespace attar;

#if ATTAR_ACCEPT
using Net = Sequential<Input<3, 8, 8>, Conv2d<8, Kernel<3>, Bias>>;
#else
using Net = Sequential<Input<3, 8, 8>, Conv2d<8, Kernel<3>, NoBias>>;
#endif

constexpr int output = Net::program.output;
