// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <attar/model/zoo/options.hpp>

namespace attar::zoo::options_test {
namespace {

TEST(WidthMultiplier, RoundsToMultiplesOfEight) {
  static_assert(WidthMultiplier<1>::of(24) == 24);
  static_assert(WidthMultiplier<1, 2>::of(24) == 16, "12 is as near to 8 as to 16: up");
  static_assert(WidthMultiplier<3, 4>::of(32) == 24);
  static_assert(WidthMultiplier<7, 5>::of(32) == 48, "44.8");
  static_assert(WidthMultiplier<1, 10>::of(16) == 8, "never less than 8");
}

TEST(WidthMultiplier, LosesAtMostATenth) {
  static_assert(WidthMultiplier<7, 20>::of(32) == 16, "11.2 would become 8");
  static_assert(WidthMultiplier<7, 20>::of(24) == 8, "8.4 becomes 8");
}

}  // namespace
}  // namespace attar::zoo::options_test
