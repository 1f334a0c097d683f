// attar[E065]
// SPDX-License-Identifier: MIT
#include <attar/distill/by_confidence.hpp>
#include <attar/distill/fusion.hpp>

using namespace attar;

#if ATTAR_ACCEPT
Fuse<ByConfidence> fuse;
#else
struct Mean {};
Fuse<Mean> fuse;
#endif
