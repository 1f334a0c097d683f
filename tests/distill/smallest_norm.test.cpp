// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include <gtest/gtest.h>

#include <attar/core/rng.hpp>
#include <attar/distill/smallest_norm.hpp>

namespace attar::smallest_norm_test {
namespace {

using Numbers = std::vector<double>;

Numbers products(const std::vector<Numbers>& vectors) {
  Numbers gram;
  for (const Numbers& a : vectors) {
    for (const Numbers& b : vectors) {
      gram.push_back(0);
      for (std::size_t i = 0; i < a.size(); ++i) gram.back() += a[i] * b[i];
    }
  }
  return gram;
}

std::vector<Numbers> random_vectors(std::size_t count, std::size_t size, std::uint64_t seed) {
  Rng rng{Seed{seed}};
  // What they have in common keeps 0 out of their hull, mostly.
  const double common = 2 * static_cast<double>(rng.uniform());
  std::vector<Numbers> vectors(count, Numbers(size));
  for (Numbers& vector : vectors) {
    for (double& x : vector) x = common + static_cast<double>(rng.normal());
  }
  return vectors;
}

Numbers solve(const Numbers& gram, std::size_t count, double most) {
  Numbers weights(count);
  detail::SmallestNorm{count}.solve(gram, most, weights);
  return weights;
}

double norm(const Numbers& gram, const Numbers& weights) {
  double sum = 0;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    for (std::size_t j = 0; j < weights.size(); ++j) sum += weights[i] * weights[j] * gram[i * weights.size() + j];
  }
  return sum;
}

/// The smallest norm on a grid of three weights.
double smallest_on_grid(const Numbers& gram, double most) {
  constexpr int steps = 100;
  double best = std::numeric_limits<double>::infinity();
  for (int i = 0; i <= steps; ++i) {
    for (int j = 0; i + j <= steps; ++j) {
      const Numbers weights{static_cast<double>(i) / steps, static_cast<double>(j) / steps,
                            static_cast<double>(steps - i - j) / steps};
      if (std::ranges::max(weights) <= most) best = std::min(best, norm(gram, weights));
    }
  }
  return best;
}

void expect_allowed(const Numbers& weights, double most) {
  double sum = 0;
  for (const double weight : weights) {
    EXPECT_GE(weight, 0);
    EXPECT_LE(weight, most);
    sum += weight;
  }
  EXPECT_NEAR(sum, 1, 1e-12);
}

TEST(SmallestNorm, NoPointOfAGridIsBetter) {
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    const Numbers gram = products(random_vectors(3, 4, seed));
    for (const double most : {0.4, 0.6, 1.0}) {
      const Numbers weights = solve(gram, 3, most);
      expect_allowed(weights, most);
      const double found = norm(gram, weights);
      const double on_grid = smallest_on_grid(gram, most);
      EXPECT_LE(found, on_grid + 1e-9 * gram[0]) << "seed " << seed << ", most " << most;
      EXPECT_GE(found, on_grid - 0.02 * (gram[0] + gram[4] + gram[8])) << "seed " << seed << ", most " << most;
    }
  }
}

// What tells the best weights, however many: moving weight from one vector to another never makes the norm smaller.
TEST(SmallestNorm, NoExchangeOfWeightIsBetter) {
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    const std::size_t count = 2 + seed % 8;
    const Numbers gram = products(random_vectors(count, 1 + seed % 5, seed));
    double scale = 0;
    for (std::size_t i = 0; i < count; ++i) scale += gram[i * (count + 1)];
    for (const double most : {1.0 / static_cast<double>(count), 0.6, 1.0}) {
      const Numbers weights = solve(gram, count, most);
      expect_allowed(weights, most);
      double least_of_others = std::numeric_limits<double>::infinity();
      double most_of_used = -std::numeric_limits<double>::infinity();
      for (std::size_t i = 0; i < count; ++i) {
        double slope = 0;
        for (std::size_t j = 0; j < count; ++j) slope += gram[i * count + j] * weights[j];
        if (weights[i] < most) least_of_others = std::min(least_of_others, slope);
        if (weights[i] > 0) most_of_used = std::max(most_of_used, slope);
      }
      if (most * static_cast<double>(count) > 1 + 1e-9) {
        EXPECT_LE(most_of_used - least_of_others, 1e-9 * scale) << "seed " << seed << ", most " << most;
      }
    }
  }
}

TEST(SmallestNorm, KnownAnswers) {
  // Orthogonal vectors count by their inverse squares.
  const Numbers orthogonal = solve(products({{1, 0}, {0, 2}}), 2, 1);
  EXPECT_NEAR(orthogonal[0], 0.8, 1e-9);
  EXPECT_NEAR(solve(products({{1, 0}, {0, 2}}), 2, 0.6)[0], 0.6, 1e-12);
  // Opposite vectors cancel out; of parallel ones the shorter remains.
  EXPECT_NEAR(solve(products({{1, 0}, {-3, 0}}), 2, 1)[0], 0.75, 1e-9);
  EXPECT_EQ(solve(products({{1, 0}, {3, 0}}), 2, 1), (Numbers{1, 0}));
}

TEST(SmallestNorm, OfManySolutionsItIsTheMostEven) {
  // The second is the mean of the others, and all lie on a line that does not pass through 0.
  const Numbers middle = solve(products({{1, 1}, {0, 1}, {-1, 1}}), 3, 1);
  for (const double weight : middle) EXPECT_NEAR(weight, 1.0 / 3, 1e-5);
  const Numbers twins = solve(products({{1, 0}, {1, 0}, {0, 1}}), 3, 1);
  EXPECT_NEAR(twins[0], 0.25, 1e-5);
  EXPECT_NEAR(twins[1], 0.25, 1e-5);
  EXPECT_NEAR(twins[2], 0.5, 1e-5);
}

TEST(SmallestNorm, IsEvenWhereThereIsNothingToChoose) {
  EXPECT_EQ(solve(Numbers(9), 3, 1), Numbers(3, 1.0 / 3));
  EXPECT_EQ(solve(Numbers(4, std::numeric_limits<double>::quiet_NaN()), 2, 1), Numbers(2, 0.5));
  EXPECT_EQ(solve({2}, 1, 1), Numbers{1});
}

TEST(SmallestNorm, DoesNotDependOnTheSizeOfTheVectors) {
  std::vector<Numbers> vectors = random_vectors(4, 6, 3);
  const Numbers weights = solve(products(vectors), 4, 0.6);
  for (Numbers& vector : vectors) {
    for (double& x : vector) x *= 1e-12;
  }
  const Numbers tiny = solve(products(vectors), 4, 0.6);
  for (std::size_t i = 0; i < weights.size(); ++i) EXPECT_NEAR(tiny[i], weights[i], 1e-9);
}

TEST(SmallestNorm, KeepsNothingFromTheProblemBefore) {
  const Numbers gram = products(random_vectors(3, 4, 5));
  const Numbers expected = solve(gram, 3, 0.6);
  detail::SmallestNorm solver{3};
  Numbers weights(3);
  solver.solve(products(random_vectors(3, 4, 6)), 1, weights);
  solver.solve(gram, 0.6, weights);
  EXPECT_EQ(weights, expected);
}

}  // namespace
}  // namespace attar::smallest_norm_test
