// attar[E016]
// SPDX-License-Identifier: MIT
#include <attar/model/sequential.hpp>

using namespace attar;

#if ATTAR_ACCEPT
using Net = Sequential<Input<3, 8, 8>, SqueezeExcite<3>>;
#else
using Net = Sequential<Input<3, 8, 8>, SqueezeExcite<4>>;
#endif

constexpr int output = Net::program.output;
