// attar[E097]
// SPDX-License-Identifier: MIT
#include <attar/distill/remember.hpp>

using namespace attar;

#if ATTAR_ACCEPT
using Kept = Taps<Tap<"0">, Tap<"1">>;
#else
using Kept = Taps<Tap<"0">, ReLU>;
#endif

Kept kept{};
