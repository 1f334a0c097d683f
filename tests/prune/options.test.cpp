// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <attar/prune/options.hpp>

namespace attar::options_test {
namespace {

TEST(KeptWidth, IsTheNearestMultiple) {
  using detail::kept_width;
  static_assert(kept_width<Keep<3, 4>, RoundTo<8>>(64) == 48);
  static_assert(kept_width<Keep<3, 4>, RoundTo<8>>(32) == 24);
  static_assert(kept_width<Keep<1, 2>, RoundTo<8>>(24) == 16, "a tie goes up");
  static_assert(kept_width<Keep<1, 2>, RoundTo<8>>(22) == 8);
  static_assert(kept_width<Keep<1, 3>, RoundTo<1>>(10) == 3);
  static_assert(kept_width<Keep<1, 3>, RoundTo<1>>(11) == 4);
}

TEST(KeptWidth, StaysBetweenOneMultipleAndTheOriginal) {
  using detail::kept_width;
  static_assert(kept_width<Keep<1, 100>, RoundTo<8>>(64) == 8);
  static_assert(kept_width<Keep<1, 2>, RoundTo<8>>(3) == 3);
  static_assert(kept_width<Keep<9, 10>, RoundTo<16>>(30) == 30);
  static_assert(kept_width<Keep<1, 1>, RoundTo<8>>(20) == 20, "keeping all changes nothing");
}

}  // namespace
}  // namespace attar::options_test
