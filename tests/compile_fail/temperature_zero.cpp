// attar[E041]
// SPDX-License-Identifier: MIT
#include <attar/loss/soft_targets.hpp>

using namespace attar;

#if ATTAR_ACCEPT
constexpr double temperature = SoftTargets<Temperature<4>>::temperature;
#else
constexpr double temperature = SoftTargets<Temperature<0>>::temperature;
#endif
