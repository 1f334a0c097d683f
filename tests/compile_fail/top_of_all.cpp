// attar[E096]
// SPDX-License-Identifier: MIT
#include <attar/distill/remember.hpp>

using namespace attar;

using Teacher = Sequential<Input<3, 8, 8>, GlobalAvgPool, Linear<10>>;
#if ATTAR_ACCEPT
using Kept = TopK<9>;
#else
using Kept = TopK<10>;
#endif

Knowledge known(const Network<Teacher>& teacher, const Dataset& data) {
  return remember(teachers(teacher), data, RememberOptions{}, Kept{});
}
