// attar[E042]
// SPDX-License-Identifier: MIT
#include <attar/loss/hard_labels.hpp>

using namespace attar;

#if ATTAR_ACCEPT
constexpr double smoothing = HardLabels<Smoothing<1, 10>>::smoothing;
#else
constexpr double smoothing = HardLabels<Smoothing<1, 1>>::smoothing;
#endif
