// attar[E043]
// SPDX-License-Identifier: MIT
#include <attar/loss/hard_labels.hpp>

using namespace attar;

#if ATTAR_ACCEPT
HardLabels<Smoothing<1, 10>> loss;
#else
HardLabels<Temperature<4>> loss;
#endif
