// attar[E020]
// SPDX-License-Identifier: MIT
#include <attar/model/sequential.hpp>

using namespace attar;

#if ATTAR_ACCEPT
using Net = Sequential<Input<3, 8, 8>, Concat<ReLU>>;
#else
using Net = Sequential<Input<3, 8, 8>, Concat<>>;
#endif

constexpr int output = Net::program.output;
