// attar[E036]
// SPDX-License-Identifier: MIT
#include <attar/prune/prune.hpp>

using namespace attar;

#if ATTAR_ACCEPT
constexpr int width = 24;
#else
constexpr int width = 40;
#endif

template <int Width>
using Net = Sequential<Input<3, 8, 8>, Conv2d<Width>, ReLU, GlobalAvgPool, Linear<10>>;

auto pruned(const Network<Net<32>>& network) {
  return prune_to<Net<width>>(network);
}
