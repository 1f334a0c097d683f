// attar[E031]
// SPDX-License-Identifier: MIT
#include <attar/prune/prune.hpp>

using namespace attar;

using Net = Sequential<Input<3, 8, 8>, Conv2d<32>, ReLU, GlobalAvgPool, Linear<10>>;

#if ATTAR_ACCEPT
using Policy = Channels<L1Norm, Keep<3, 4>, RoundTo<1>>;
#else
using Policy = Channels<L1Norm, Keep<3, 4>, RoundTo<0>>;
#endif

auto pruned(const Network<Net>& network) {
  return prune<Policy>(network);
}
