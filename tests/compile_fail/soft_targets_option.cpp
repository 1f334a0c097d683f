// attar[E044]
// SPDX-License-Identifier: MIT
#include <attar/loss/soft_targets.hpp>

using namespace attar;

#if ATTAR_ACCEPT
SoftTargets<Temperature<4>> loss;
#else
SoftTargets<Smoothing<1, 10>> loss;
#endif
