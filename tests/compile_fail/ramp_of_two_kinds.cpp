// attar[E045]
// SPDX-License-Identifier: MIT
#include <attar/loss/soft_targets.hpp>

using namespace attar;

#if ATTAR_ACCEPT
constexpr double temperature = SoftTargets<Ramp<Temperature<8>, Temperature<2>>>::temperature(0.5);
#else
constexpr double temperature = SoftTargets<Ramp<Temperature<8>, Weight<2>>>::temperature(0.5);
#endif
