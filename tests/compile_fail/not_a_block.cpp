// attar[E118]
// SPDX-License-Identifier: MIT
#include <attar/model/tap.hpp>
#include <attar/prune/drop_blocks.hpp>

using namespace attar;

#if ATTAR_ACCEPT
using Which = ResidualAt<"0">;
#else
using Which = Tap<"0">;
#endif

using Net = Sequential<Input<8, 8, 8>, Residual<Conv2d<8>>, GlobalAvgPool, Linear<10>>;
constexpr int output = drop_blocks_t<Net, Which>::program.output;
