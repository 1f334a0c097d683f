// attar[E112]
// SPDX-License-Identifier: MIT
#include <attar/prune/prune.hpp>

using namespace attar;

template <int Width>
using Net = Sequential<Input<3, 8, 8>, Conv2d<Width>, ReLU, GlobalAvgPool, Linear<10>>;

#if ATTAR_ACCEPT
constexpr int width = 32;
#else
constexpr int width = 24;
#endif

auto pruned(const Network<Net<width>>& network) {
  return prune<Weights<L1Norm, Sparsity<1, 2>, Blocks<16>>>(network);
}
