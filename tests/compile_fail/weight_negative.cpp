// attar[E040]
// SPDX-License-Identifier: MIT
#include <attar/loss/hard_labels.hpp>

using namespace attar;

#if ATTAR_ACCEPT
constexpr double weight = HardLabels<Weight<1, 10>>::weight;
#else
constexpr double weight = HardLabels<Weight<-1, 10>>::weight;
#endif
