// attar[E030]
// SPDX-License-Identifier: MIT
#include <attar/prune/prune.hpp>

using namespace attar;

using Net = Sequential<Input<3, 8, 8>, Conv2d<32>, ReLU, GlobalAvgPool, Linear<10>>;

#if ATTAR_ACCEPT
using Policy = Channels<L1Norm, Keep<3, 4>>;
#else
using Policy = Channels<L1Norm, Keep<4, 3>>;
#endif

auto pruned(const Network<Net>& network) {
  return prune<Policy>(network);
}
