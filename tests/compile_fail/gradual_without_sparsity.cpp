// attar[E125]
// SPDX-License-Identifier: MIT
#include <attar/prune/gradual.hpp>

using namespace attar;

using Net = Sequential<Input<3, 8, 8>, Conv2d<32>, ReLU, GlobalAvgPool, Linear<10>>;

#if ATTAR_ACCEPT
using Policy = Weights<L1Norm, Sparsity<9, 10>, Global>;
#else
using Policy = Weights<L1Norm, Global>;
#endif

auto rising(const Network<Net>& network) {
  return gradually<Policy>(network);
}
