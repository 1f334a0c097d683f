// attar[E022]
// SPDX-License-Identifier: MIT
#include <attar/model/sequential.hpp>

using namespace attar;

#if ATTAR_ACCEPT
using Net = Sequential<Input<1, 8, 8>, ReLU>;
#else
using Net = Sequential<Input<0, 8, 8>, ReLU>;
#endif

constexpr int output = Net::program.output;
