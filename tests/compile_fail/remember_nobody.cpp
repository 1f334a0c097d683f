// attar[E095]
// SPDX-License-Identifier: MIT
#include <attar/distill/remember.hpp>

using namespace attar;

using Teacher = Sequential<Input<3, 8, 8>, GlobalAvgPool, Linear<10>>;

Knowledge known(const Network<Teacher>& teacher, const Dataset& data) {
#if ATTAR_ACCEPT
  return remember(teachers(teacher), data);
#else
  static_cast<void>(teacher);
  return remember(teachers(), data);
#endif
}
