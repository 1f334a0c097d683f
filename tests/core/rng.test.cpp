// SPDX-License-Identifier: MIT
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <numeric>
#include <span>
#include <vector>

#include <gtest/gtest.h>

#include <attar/core/rng.hpp>

namespace attar::rng_test {
namespace {

std::array<std::uint32_t, 4> first_block(std::uint64_t seed, std::uint64_t stream) {
  Rng rng{Seed{seed}, stream};
  return {rng.bits(), rng.bits(), rng.bits(), rng.bits()};
}

TEST(Rng, IsPhilox4x32With10Rounds) {
  // Known answers of Random123 (kat_vectors): counter and key zero.
  EXPECT_EQ(first_block(0, 0), (std::array<std::uint32_t, 4>{0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8}));
}

/// Philox4x32-10 as the paper writes it down, for any counter.
std::array<std::uint32_t, 4> philox(std::array<std::uint32_t, 4> x, std::array<std::uint32_t, 2> key) {
  for (int round = 0; round < 10; ++round) {
    const std::uint64_t a = std::uint64_t{x[0]} * 0xD2511F53U;
    const std::uint64_t b = std::uint64_t{x[2]} * 0xCD9E8D57U;
    x = {static_cast<std::uint32_t>(b >> 32) ^ x[1] ^ key[0], static_cast<std::uint32_t>(b),
         static_cast<std::uint32_t>(a >> 32) ^ x[3] ^ key[1], static_cast<std::uint32_t>(a)};
    key[0] += 0x9E3779B9U;
    key[1] += 0xBB67AE85U;
  }
  return x;
}

TEST(Rng, SeedIsTheKeyAndStreamTheUpperCounter) {
  // The other known answers hold for the plain function, and the class is that function.
  ASSERT_EQ(philox({0xFFFFFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0xFFFFFFFF}, {0xFFFFFFFF, 0xFFFFFFFF}),
            (std::array<std::uint32_t, 4>{0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD}));
  ASSERT_EQ(philox({0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344}, {0xA4093822, 0x299F31D0}),
            (std::array<std::uint32_t, 4>{0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1}));
  const std::uint64_t seed = 0x299F31D0A4093822;
  const std::uint64_t stream = 0x0370734413198A2E;
  Rng rng{Seed{seed}, stream};
  for (std::uint32_t counter = 0; counter < 100; ++counter) {
    const auto expected = philox({counter, 0, 0x13198A2E, 0x03707344}, {0xA4093822, 0x299F31D0});
    for (const std::uint32_t bits : expected) ASSERT_EQ(rng.bits(), bits) << counter;
  }
}

TEST(Rng, IsAConstantExpression) {
  constexpr std::uint32_t bits = Rng{Seed{0}}.bits();
  static_assert(bits == 0x6627E8D5);
}

TEST(Rng, StreamsAndSeedsDiffer) {
  EXPECT_NE(first_block(1, 0), first_block(2, 0));
  EXPECT_NE(first_block(1, 0), first_block(1, 1));
  EXPECT_EQ(first_block(1, 7), first_block(1, 7));
  EXPECT_NE(first_block(0, 1), first_block(1, 0));
}

TEST(Rng, UniformLiesInTheHalfOpenUnitInterval) {
  Rng rng{Seed{3}};
  constexpr int count = 100000;
  double sum = 0;
  double squares = 0;
  std::array<int, 10> bins{};
  for (int i = 0; i < count; ++i) {
    const float x = rng.uniform();
    ASSERT_GE(x, 0);
    ASSERT_LT(x, 1);
    sum += double{x};
    squares += double{x} * double{x};
    ++bins[static_cast<std::size_t>(x * 10)];
  }
  EXPECT_NEAR(sum / count, 0.5, 5 * std::sqrt(1.0 / 12 / count));
  EXPECT_NEAR(squares / count, 1.0 / 3, 0.005);
  for (const int bin : bins) EXPECT_NEAR(bin, count / 10, 5 * std::sqrt(count * 0.09));
}

TEST(Rng, NormalHasTheMomentsOfTheStandardNormalDistribution) {
  Rng rng{Seed{4}};
  constexpr int count = 200000;
  std::array<double, 4> moments{};
  int beyond_two = 0;
  for (int i = 0; i < count; ++i) {
    const double x = double{rng.normal()};
    ASSERT_TRUE(std::isfinite(x));
    for (std::size_t k = 0; k < 4; ++k) moments[k] += std::pow(x, static_cast<double>(k + 1)) / count;
    beyond_two += std::abs(x) > 2 ? 1 : 0;
  }
  EXPECT_NEAR(moments[0], 0, 0.012);
  EXPECT_NEAR(moments[1], 1, 0.016);
  EXPECT_NEAR(moments[2], 0, 0.045);
  EXPECT_NEAR(moments[3], 3, 0.12);
  EXPECT_NEAR(static_cast<double>(beyond_two) / count, 0.0455, 0.0025);
}

TEST(Rng, BelowIsUniformAndInRange) {
  for (const std::uint32_t bound : {1U, 2U, 3U, 7U, 10U}) {
    Rng rng{Seed{5}, bound};
    constexpr int count = 50000;
    std::vector<int> seen(bound);
    for (int i = 0; i < count; ++i) {
      const std::uint32_t x = rng.below(bound);
      ASSERT_LT(x, bound);
      ++seen[x];
    }
    const double share = 1.0 / bound;
    for (const int times : seen) {
      EXPECT_NEAR(times, count * share, 5 * std::sqrt(count * share * (1 - share)) + 1e-9) << bound;
    }
  }
}

TEST(Rng, BelowRejectsWhatWouldBiasIt) {
  // Without rejection, of a bound of 3/4 of the range every third number would come twice as often.
  constexpr std::uint32_t bound = 0xC0000000U;
  Rng rng{Seed{6}};
  constexpr int count = 60000;
  std::array<int, 3> residues{};
  for (int i = 0; i < count; ++i) ++residues[rng.below(bound) % 3];
  for (const int times : residues) EXPECT_NEAR(times, count / 3.0, 5 * std::sqrt(count * 2.0 / 9));
}

TEST(Rng, ShuffleIsAPermutationAndEachOneAsLikely) {
  std::vector<int> items(1000);
  std::iota(items.begin(), items.end(), 0);
  Rng rng{Seed{7}};
  rng.shuffle(std::span{items});
  EXPECT_FALSE(std::ranges::is_sorted(items));
  std::ranges::sort(items);
  for (int i = 0; i < 1000; ++i) ASSERT_EQ(items[static_cast<std::size_t>(i)], i);

  std::array<int, 6> orders{};
  for (int i = 0; i < 12000; ++i) {
    std::array<std::size_t, 3> three{0, 1, 2};
    rng.shuffle(std::span<std::size_t>{three});
    ++orders[three[0] * 2 + (three[1] > three[2] ? 1U : 0U)];
  }
  for (const int times : orders) EXPECT_NEAR(times, 2000, 5 * std::sqrt(12000.0 * 5 / 36));
}

TEST(Rng, ShuffleOfNothingAndOfOneDoesNothing) {
  Rng rng{Seed{8}};
  rng.shuffle(std::span<int>{});
  std::array<int, 1> one{5};
  rng.shuffle(std::span<int>{one});
  EXPECT_EQ(one[0], 5);
}

}  // namespace
}  // namespace attar::rng_test
