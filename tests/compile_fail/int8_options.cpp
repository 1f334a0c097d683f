// attar[E061]
// SPDX-License-Identifier: MIT
#include <attar/model/int8_scheme.hpp>

using namespace attar;

#if ATTAR_ACCEPT
Int8<PerChannel, Entropy> scheme;
#else
Int8<Entropy, Entropy> scheme;
#endif
