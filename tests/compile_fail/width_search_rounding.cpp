// attar[E116]
// SPDX-License-Identifier: MIT
#include <attar/prune/width_search.hpp>

using namespace attar;

#if ATTAR_ACCEPT
using Rounding = RoundTo<4>;
#else
using Rounding = Keep<1, 2>;
#endif

using Net = Sequential<Input<3, 8, 8>, Conv2d<32>, GlobalAvgPool, Linear<10>>;
double after(const Network<Net>& network) {
  return search_widths<L1Norm, Rounding>(network, budget::Parameters{200}).after;
}
