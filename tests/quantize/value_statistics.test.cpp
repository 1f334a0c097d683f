// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <span>
#include <vector>

#include <gtest/gtest.h>

#include <attar/core/rng.hpp>
#include <attar/quantize/value_statistics.hpp>

namespace attar::value_statistics_test {
namespace {

/// Numbers over many magnitudes, zeros among them.
std::vector<float> numbers(Seed seed) {
  Rng rng{seed};
  std::vector<float> result(2000);
  for (float& x : result) {
    x = rng.below(4) == 0 ? 0.0F : std::ldexp(rng.normal(), static_cast<int>(rng.below(12)) - 8);
  }
  return result;
}

void expect_same(const ValueStatistics& a, const ValueStatistics& b) {
  EXPECT_EQ(a.smallest(), b.smallest());
  EXPECT_EQ(a.largest(), b.largest());
  EXPECT_EQ(a.bin_width(), b.bin_width());
  EXPECT_TRUE(std::ranges::equal(a.histogram(), b.histogram()));
}

TEST(ValueStatistics, DoesNotDependOnBatchesOrOrder) {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    std::vector<float> all = numbers(Seed{seed});
    ValueStatistics whole;
    whole.add(all);
    for (const std::size_t batch : {std::size_t{1}, std::size_t{7}, std::size_t{64}, std::size_t{1999}}) {
      ValueStatistics parts;
      for (std::size_t i = 0; i < all.size(); i += batch) {
        parts.add(std::span{all}.subspan(i, std::min(batch, all.size() - i)));
      }
      expect_same(parts, whole);
    }
    Rng rng{Seed{seed}, 1};
    rng.shuffle(std::span{all});
    ValueStatistics shuffled;
    shuffled.add(all);
    expect_same(shuffled, whole);
  }
}

TEST(ValueStatistics, CountsEveryMagnitudeInItsBin) {
  const std::vector<float> all = numbers(Seed{1});
  ValueStatistics statistics;
  statistics.add(all);
  std::vector<std::uint64_t> truth(ValueStatistics::bins);
  for (const float x : all) {
    if (x != 0) ++truth[static_cast<std::size_t>(std::floor(std::abs(x) / statistics.bin_width()))];
  }
  EXPECT_TRUE(std::ranges::equal(statistics.histogram(), truth));
  EXPECT_EQ(statistics.magnitude(), std::abs(*std::ranges::max_element(all, {}, [](float x) { return std::abs(x); })));
  // The largest magnitude lies in the upper half.
  EXPECT_GT(statistics.magnitude() / statistics.bin_width(), ValueStatistics::bins / 2 - 1);
}

TEST(ValueStatistics, KeepsTheRangeOfEveryImage) {
  ValueStatistics statistics;
  statistics.add(std::vector<float>{1, -2, 3, 4}, 2);
  statistics.add(std::vector<float>{-5, -6});
  const std::vector<ValueRange> ranges{{-2, 1}, {3, 4}, {-6, -5}};
  EXPECT_TRUE(std::ranges::equal(statistics.images(), ranges));
}

TEST(ValueStatistics, OfNothingOrZerosIsZero) {
  ValueStatistics statistics;
  statistics.add({});
  statistics.add(std::vector<float>(10));
  EXPECT_EQ(statistics.magnitude(), 0);
  const auto counts = statistics.histogram();
  EXPECT_EQ(std::accumulate(counts.begin(), counts.end(), std::uint64_t{0}), 0U);
}

TEST(ValueStatistics, TakesTheSmallestAndLargestFloats) {
  ValueStatistics statistics;
  statistics.add(std::vector<float>{1e-45F, -1e-40F});
  statistics.add(std::vector<float>{3e38F});
  EXPECT_EQ(statistics.largest(), 3e38F);
  EXPECT_EQ(statistics.smallest(), -1e-40F);
  EXPECT_EQ(statistics.histogram()[0], 2U);
}

}  // namespace
}  // namespace attar::value_statistics_test
