// attar[E117]
// SPDX-License-Identifier: MIT
#include <attar/prune/drop_blocks.hpp>

using namespace attar;

#if ATTAR_ACCEPT
using Shortcut = Identity;
#else
using Shortcut = Conv2d<8>;
#endif

using Net = Sequential<Input<8, 8, 8>, Residual<Conv2d<8>, Shortcut>, GlobalAvgPool, Linear<10>>;
constexpr int output = drop_blocks_t<Net, ResidualAt<"0">>::program.output;
