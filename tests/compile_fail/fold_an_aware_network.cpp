// attar[E141]
// SPDX-License-Identifier: MIT
#include <attar/quantize/quantization_aware.hpp>

using namespace attar;

using Net = Sequential<Input<3, 8, 8>, Conv2d<32>, BatchNorm2d, ReLU, GlobalAvgPool, Linear<10>>;
using Aware = Network<quantization_aware_t<Net, Int8<>, LearnedStep>>;

#if ATTAR_ACCEPT
auto int8(const Aware& network, const Dataset&) {
  return quantize(network);
}
#else
auto int8(const Aware& network, const Dataset& images) {
  return quantize<Int8<>>(network, images);
}
#endif
