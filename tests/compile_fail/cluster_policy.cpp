// attar[E121]
// SPDX-License-Identifier: MIT
#include <attar/prune/cluster.hpp>

using namespace attar;

using Net = Sequential<Input<3, 8, 8>, Conv2d<32>, ReLU, GlobalAvgPool, Linear<10>>;

#if ATTAR_ACCEPT
using Policy = Codebook<Bits<4>>;
#else
using Policy = Bits<4>;
#endif

auto shared(const Network<Net>& network) {
  return cluster<Policy>(network);
}
