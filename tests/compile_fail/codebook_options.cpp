// attar[E120]
// SPDX-License-Identifier: MIT
#include <attar/prune/codebook.hpp>

using namespace attar;

#if ATTAR_ACCEPT
using Policy = Codebook<LinearBits<4>, Bits<5>>;
#else
using Policy = Codebook<Bits<4>, Bits<5>>;
#endif

static_assert(Policy::clusters > 0);
