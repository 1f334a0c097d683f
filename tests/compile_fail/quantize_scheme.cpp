// attar[E062]
// SPDX-License-Identifier: MIT
#include <attar/data/dataset.hpp>
#include <attar/quantize/quantize.hpp>

using namespace attar;

using Net = Sequential<Input<3, 8, 8>, GlobalAvgPool, Linear<10>>;

#if ATTAR_ACCEPT
using Scheme = Int8<PerChannel, Entropy>;
#else
using Scheme = Entropy;
#endif

auto quantized(const Network<Net>& network, const Dataset& data) {
  return quantize<Scheme>(network, data);
}
