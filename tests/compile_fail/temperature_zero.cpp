// attar[E041]
// SPDX-License-Identifier: MIT
#include <attar/loss/soft_targets.hpp>

using namespace attar;

#if ATTAR_ACCEPT
constexpr double temperature = SoftTargets<Temperature<4>>::temperature(0);
#else
constexpr double temperature = SoftTargets<Temperature<0>>::temperature(0);
#endif
