// attar[E060]
// SPDX-License-Identifier: MIT
#include <attar/model/int8_scheme.hpp>

using namespace attar;

#if ATTAR_ACCEPT
constexpr int limit = Int8<PerChannel, WeightBits<4>>::weight_limit;
#else
constexpr int limit = Int8<PerChannel, WeightBits<5>>::weight_limit;
#endif
