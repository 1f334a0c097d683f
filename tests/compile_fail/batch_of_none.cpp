// attar[E063]
// SPDX-License-Identifier: MIT
#include <attar/infer/engine.hpp>

using namespace attar;

#if ATTAR_ACCEPT
constexpr int images = Batch<8>::count;
#else
constexpr int images = Batch<0>::count;
#endif
