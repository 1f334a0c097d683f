// attar[E035]
// SPDX-License-Identifier: MIT
#include <attar/prune/prune.hpp>

using namespace attar;

#if ATTAR_ACCEPT
using Grouped = Conv2d<32, Groups<32>>;
#else
using Grouped = Conv2d<32, Groups<4>>;
#endif

using Net = Sequential<Input<3, 8, 8>, Conv2d<32>, Grouped, GlobalAvgPool, Linear<10>>;
using Narrow = prune_channels_t<Net, Keep<1, 2>>;
constexpr int output = Narrow::program.output;
