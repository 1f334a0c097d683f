// attar[E006]
// SPDX-License-Identifier: MIT
#include <attar/model/sequential.hpp>

using namespace attar;

#if ATTAR_ACCEPT
using Net = Sequential<Input<3, 8, 8>, Dropout<Rate<9, 10>>>;
#else
using Net = Sequential<Input<3, 8, 8>, Dropout<Rate<10, 10>>>;
#endif

constexpr int output = Net::program.output;
