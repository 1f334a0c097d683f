// attar[E066]
// SPDX-License-Identifier: MIT
#include <attar/distill/fusion.hpp>

using namespace attar;

#if ATTAR_ACCEPT
Fuse<Fixed<Weight<2>, Weight<0>>> fuse;
#else
Fuse<Fixed<Weight<2>, Ramp<Weight<0>, Weight<1>>>> fuse;
#endif
