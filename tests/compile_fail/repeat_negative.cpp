// attar[E019]
// SPDX-License-Identifier: MIT
#include <attar/model/sequential.hpp>

using namespace attar;

#if ATTAR_ACCEPT
using Net = Sequential<Input<3, 8, 8>, Repeat<0, ReLU>>;
#else
using Net = Sequential<Input<3, 8, 8>, Repeat<-1, ReLU>>;
#endif

constexpr int output = Net::program.output;
