// SPDX-License-Identifier: MIT
#include <array>
#include <cstdint>
#include <set>

#include <gtest/gtest.h>

#include <attar/core/rng.hpp>
#include <attar/core/shape.hpp>
#include <attar/data/augment.hpp>

namespace attar::augment_test {
namespace {

using namespace attar;

constexpr Shape shape{3, 12, 20};
constexpr Augmentation all{.flip = true, .crop_padding = 4, .cutout = 6};

TEST(Augmentation, DoesNothingByDefault) {
  for (std::uint64_t index = 0; index < 20; ++index) {
    EXPECT_EQ(Augmentation{}.draw(shape, Seed{1}, 3, index), Placement{});
  }
}

TEST(Augmentation, IsAFunctionOfItsArguments) {
  const Placement first = all.draw(shape, Seed{1}, 2, 3);
  (void)all.draw(shape, Seed{1}, 2, 4);
  EXPECT_EQ(all.draw(shape, Seed{1}, 2, 3), first);
}

TEST(Augmentation, VariesWithSeedEpochAndSample) {
  const auto placements = [](auto&& draw) {
    std::set<std::array<int, 4>> seen;
    for (std::uint64_t i = 0; i < 50; ++i) {
      const Placement p = draw(i);
      seen.insert({p.shift_y, p.shift_x, p.cut_top, p.cut_left});
    }
    return seen.size();
  };
  EXPECT_GT(placements([](std::uint64_t i) { return all.draw(shape, Seed{i}, 0, 0); }), 45U);
  EXPECT_GT(placements([](std::uint64_t i) { return all.draw(shape, Seed{0}, i, 0); }), 45U);
  EXPECT_GT(placements([](std::uint64_t i) { return all.draw(shape, Seed{0}, 0, i); }), 45U);
}

TEST(Augmentation, StaysInRangeAndReachesAllOfIt) {
  std::set<int> shifts_y;
  std::set<int> shifts_x;
  int flips = 0;
  std::set<int> cut_heights;
  constexpr int count = 4000;
  for (std::uint64_t index = 0; index < count; ++index) {
    const Placement p = all.draw(shape, Seed{7}, 0, index);
    shifts_y.insert(p.shift_y);
    shifts_x.insert(p.shift_x);
    flips += p.flipped ? 1 : 0;
    ASSERT_GE(p.cut_top, 0);
    ASSERT_GE(p.cut_left, 0);
    ASSERT_LE(p.cut_bottom, shape.height);
    ASSERT_LE(p.cut_right, shape.width);
    ASSERT_LT(p.cut_left, p.cut_right);
    cut_heights.insert(p.cut_bottom - p.cut_top);
  }
  const std::set<int> expected{-4, -3, -2, -1, 0, 1, 2, 3, 4};
  EXPECT_EQ(shifts_y, expected);
  EXPECT_EQ(shifts_x, expected);
  EXPECT_NEAR(flips, count / 2, 5 * 32);                // Five standard deviations.
  EXPECT_EQ(cut_heights, (std::set<int>{3, 4, 5, 6}));  // Less at the edges.
}

TEST(Augmentation, OneKindDoesNotBringAnother) {
  for (std::uint64_t index = 0; index < 50; ++index) {
    const Placement flip = Augmentation{.flip = true}.draw(shape, Seed{1}, 0, index);
    EXPECT_EQ(flip.shift_x, 0);
    EXPECT_EQ(flip.cut_bottom, 0);
    EXPECT_FALSE((Augmentation{.crop_padding = 2}.draw(shape, Seed{1}, 0, index).flipped));
  }
}

}  // namespace
}  // namespace attar::augment_test
