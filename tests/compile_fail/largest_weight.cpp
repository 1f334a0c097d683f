// attar[E067]
// SPDX-License-Identifier: MIT
#include <attar/distill/by_gradients.hpp>

using namespace attar;

#if ATTAR_ACCEPT
Fuse<ByGradients<Weight<6, 10>>> fuse;
#else
Fuse<ByGradients<Temperature<4>>> fuse;
#endif
