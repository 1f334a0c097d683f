// attar[E150]
// SPDX-License-Identifier: MIT
#include <attar/quantize/mix.hpp>

using namespace attar;

using Net = Sequential<Input<3, 8, 8>, Conv2d<32>, BatchNorm2d, ReLU, GlobalAvgPool, Linear<10>>;

using Other = Sequential<Input<3, 8, 8>, Conv2d<16>, BatchNorm2d, ReLU, GlobalAvgPool, Linear<10>>;

#if ATTAR_ACCEPT
using Source = Net;
#else
using Source = Other;
#endif

auto mixed(const quantize_t<Net, Int8<>>& int8, const Network<Source>& network) {
  return mix(int8, network);
}
