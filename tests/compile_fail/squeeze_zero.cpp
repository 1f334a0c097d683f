// attar[E021]
// SPDX-License-Identifier: MIT
#include <attar/model/sequential.hpp>

using namespace attar;

#if ATTAR_ACCEPT
using Net = Sequential<Input<3, 8, 8>, SqueezeExcite<1>>;
#else
using Net = Sequential<Input<3, 8, 8>, SqueezeExcite<0>>;
#endif

constexpr int output = Net::program.output;
