// attar[E132]
// SPDX-License-Identifier: MIT
#include <attar/quantize/equalize.hpp>

using namespace attar;

using Net = Sequential<Input<3, 8, 8>, Conv2d<32>, BatchNorm2d, ReLU, GlobalAvgPool, Linear<10>>;

#if ATTAR_ACCEPT
auto even(const Network<Net>& network) {
  return equalize(fold_batch_norm(network));
}
#else
auto even(const Network<Net>& network) {
  return equalize(network);
}
#endif
