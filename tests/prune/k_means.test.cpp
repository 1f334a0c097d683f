// SPDX-License-Identifier: MIT
#include "../golden/k_means.hpp"

#include <algorithm>
#include <cmath>
#include <span>
#include <vector>

#include <gtest/gtest.h>

#include <attar/core/rng.hpp>
#include <attar/prune/k_means.hpp>

namespace attar::k_means_test {
namespace {

TEST(KMeans, GoldenValues) {
  for (const golden::Clustering& wanted : golden::clusterings) {
    const std::vector<double> centroids = k_means(wanted.numbers, wanted.clusters);
    ASSERT_EQ(centroids.size(), wanted.centroids.size());
    for (std::size_t i = 0; i < centroids.size(); ++i) EXPECT_NEAR(centroids[i], wanted.centroids[i], 1e-12);
    for (std::size_t i = 0; i < wanted.numbers.size(); ++i) {
      EXPECT_EQ(nearest_centroid(centroids, wanted.numbers[i]), wanted.labels[i]);
    }
  }
}

TEST(KMeans, NothingToCluster) {
  EXPECT_TRUE(k_means({}, 4).empty());
  EXPECT_TRUE(k_means({1, 2}, 0).empty());
}

TEST(KMeans, IsAFixedPointAndDoesNotDependOnTheOrder) {
  Rng rng{Seed{4}};
  for (int round = 0; round < 50; ++round) {
    std::vector<double> numbers(1 + rng.below(500));
    for (double& number : numbers) number = static_cast<double>(rng.normal());
    const std::size_t clusters = 1 + rng.below(32);
    const std::vector<double> centroids = k_means(numbers, clusters);
    ASSERT_TRUE(std::ranges::is_sorted(centroids));
    std::vector<double> sums(centroids.size());
    std::vector<double> counts(centroids.size());
    for (const double number : numbers) {
      const std::size_t nearest = nearest_centroid(centroids, number);
      for (const double other : centroids) {
        ASSERT_LE(std::abs(number - centroids[nearest]), std::abs(number - other) + 1e-12);
      }
      sums[nearest] += number;
      ++counts[nearest];
    }
    for (std::size_t i = 0; i < centroids.size(); ++i) {
      ASSERT_GT(counts[i], 0);
      ASSERT_NEAR(centroids[i], sums[i] / counts[i], 1e-10);
    }
    rng.shuffle(std::span{numbers});
    ASSERT_EQ(k_means(numbers, clusters), centroids);
  }
}

TEST(KMeans, ManyNumbersAndFewDifferentOnes) {
  std::vector<double> numbers;
  for (int i = 0; i < 10'000; ++i) numbers.push_back(0.1 * (i % 7));
  const std::vector<double> centroids = k_means(numbers, 31);
  ASSERT_EQ(centroids.size(), 7U);
  for (std::size_t i = 0; i < 7; ++i) EXPECT_NEAR(centroids[i], 0.1 * static_cast<double>(i), 1e-12);
}

TEST(NearestCentroid, OfTwoEquallyNearOnesTheLower) {
  const std::vector<double> centroids{-1, 1, 3};
  EXPECT_EQ(nearest_centroid(centroids, -7), 0U);
  EXPECT_EQ(nearest_centroid(centroids, 0), 0U);
  EXPECT_EQ(nearest_centroid(centroids, 0.01), 1U);
  EXPECT_EQ(nearest_centroid(centroids, 2), 1U);
  EXPECT_EQ(nearest_centroid(centroids, 3), 2U);
  EXPECT_EQ(nearest_centroid(centroids, 99), 2U);
}

}  // namespace
}  // namespace attar::k_means_test
