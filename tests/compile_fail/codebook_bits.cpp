// attar[E119]
// SPDX-License-Identifier: MIT
#include <attar/prune/codebook.hpp>

using namespace attar;

#if ATTAR_ACCEPT
using Policy = Codebook<Bits<8>, LinearBits<1>>;
#else
using Policy = Codebook<Bits<9>, LinearBits<1>>;
#endif

static_assert(Policy::clusters_of_linear == 2);
