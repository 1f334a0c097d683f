// attar[E037]
// SPDX-License-Identifier: MIT
#include <attar/prune/prune.hpp>

using namespace attar;

#if ATTAR_ACCEPT
using Rounding = RoundTo<4>;
#else
using Rounding = RoundTo<8>;
#endif

// 3/4 of 16 is 12, twice that is 3/4 of 32; rounded up to 16, twice that is too much.
using Net = Sequential<Input<3, 8, 8>, Residual<Concat<Conv2d<16>, Conv2d<16>>, Conv2d<32>>, GlobalAvgPool, Linear<10>>;
using Narrow = prune_channels_t<Net, Keep<3, 4>, Rounding>;
constexpr int output = Narrow::program.output;
