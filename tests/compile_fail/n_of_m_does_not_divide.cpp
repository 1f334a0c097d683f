// attar[E111]
// SPDX-License-Identifier: MIT
#include <attar/prune/prune.hpp>

using namespace attar;

template <int Width>
using Net = Sequential<Input<3, 8, 8>, Conv2d<Width>, ReLU, Conv2d<32>, GlobalAvgPool, Linear<10>>;

#if ATTAR_ACCEPT
constexpr int width = 20;
#else
constexpr int width = 18;
#endif

auto pruned(const Network<Net<width>>& network) {
  return prune<Weights<L1Norm, NofM<2, 4>>>(network);
}
