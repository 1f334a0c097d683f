// attar[E017]
// SPDX-License-Identifier: MIT
#include <attar/model/sequential.hpp>

using namespace attar;

#if ATTAR_ACCEPT
using Net = Sequential<Input<3, 8, 8>, GlobalAvgPool, Linear<10, NoBias>>;
#else
using Net = Sequential<Input<3, 8, 8>, GlobalAvgPool, Linear<10, Bias>>;
#endif

constexpr int output = Net::program.output;
