// attar[E023]
// SPDX-License-Identifier: MIT
#include <attar/model/zoo.hpp>

using namespace attar;

#if ATTAR_ACCEPT
constexpr int width = zoo::WidthMultiplier<1, 2>::of(32);
#else
constexpr int width = zoo::WidthMultiplier<1, 0>::of(32);
#endif
