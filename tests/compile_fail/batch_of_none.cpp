// attar[E063]
// SPDX-License-Identifier: MIT
#include <attar/infer/engine.hpp>

using namespace attar;

#if ATTAR_ACCEPT
constexpr int images = BatchSize<8>::count;
#else
constexpr int images = BatchSize<0>::count;
#endif
