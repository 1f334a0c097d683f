// attar[E134]
// SPDX-License-Identifier: MIT
#include <attar/quantize/round_weights.hpp>

using namespace attar;

#if ATTAR_ACCEPT
using Scheme = Int8<PerChannel>;
#else
using Scheme = Int8<PerTensor>;
#endif

using Net = Sequential<Input<1, 4, 4>, Conv2d<2>, BatchNorm2d>;
Network<Net> rounded(const Network<Net>& network) { return round_weights<Scheme>(network); }
