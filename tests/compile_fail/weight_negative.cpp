// attar[E040]
// SPDX-License-Identifier: MIT
#include <attar/loss/options.hpp>

using namespace attar;

#if ATTAR_ACCEPT
constexpr double weight = Weight<1, 10>::value;
#else
constexpr double weight = Weight<-1, 10>::value;
#endif
