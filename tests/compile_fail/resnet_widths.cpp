// attar[E025]
// SPDX-License-Identifier: MIT
#include <attar/model/zoo.hpp>

using namespace attar;

#if ATTAR_ACCEPT
using Net = zoo::ResNet20<Input<3, 32, 32>, zoo::Classes<10>, zoo::Widths<8, 16, 32>>;
#else
using Net = zoo::ResNet20<Input<3, 32, 32>, zoo::Classes<10>, zoo::Widths<8, 16>>;
#endif

constexpr int output = Net::program.output;
