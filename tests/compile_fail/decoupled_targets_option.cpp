// attar[E046]
// SPDX-License-Identifier: MIT
#include <attar/loss/decoupled_targets.hpp>

using namespace attar;

#if ATTAR_ACCEPT
DecoupledTargets<OtherWeight<2>, Standardized> loss;
#else
DecoupledTargets<OtherWeight<2>, Smoothing<1, 10> > loss;
#endif
