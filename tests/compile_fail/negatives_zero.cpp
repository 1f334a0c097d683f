// attar[E091]
// SPDX-License-Identifier: MIT
#include <attar/loss/contrastive.hpp>

using namespace attar;

#if ATTAR_ACCEPT
constexpr auto negatives = Negatives<1>::value;
#else
constexpr auto negatives = Negatives<0>::value;
#endif
