// SPDX-License-Identifier: MIT
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include <gtest/gtest.h>

#include "../golden/losses.hpp"
#include <attar/core/error.hpp>
#include <attar/train/metrics.hpp>

namespace attar::metrics_test {
namespace {

using namespace attar;

/// Four images, three classes.
const std::vector<float> logits{5, 1,  2,  //
                                1, 2,  3,  //
                                3, 1,  2,  //
                                0, -1, -2};
const std::vector<std::int32_t> labels{0, 2, 1, 1};

LogitsView<float> view(const std::vector<float>& numbers, std::size_t first, std::size_t images) {
  return {numbers.data() + first * 3, images, 3};
}

Metrics gathered(std::size_t images_per_batch) {
  Metrics metrics{3};
  for (std::size_t first = 0; first < 4; first += images_per_batch) {
    metrics.add(view(logits, first, images_per_batch), std::span{labels}.subspan(first, images_per_batch));
  }
  return metrics;
}

TEST(Metrics, CountHits) {
  const Metrics metrics = gathered(4);
  EXPECT_EQ(metrics.count(), 4U);
  EXPECT_EQ(metrics.accuracy(), 0.5);
  EXPECT_EQ(metrics.top(1), 0.5);
  EXPECT_EQ(metrics.top(2), 0.75);
  EXPECT_EQ(metrics.top(3), 1.0);
  EXPECT_EQ(metrics.top(5), 1.0);
}

TEST(Metrics, CountConfusions) {
  const Metrics metrics = gathered(4);
  EXPECT_EQ(metrics.confusion(0, 0), 1U);
  EXPECT_EQ(metrics.confusion(2, 2), 1U);
  EXPECT_EQ(metrics.confusion(1, 0), 2U);
  EXPECT_EQ(metrics.confusion(1, 1), 0U);
}

TEST(Metrics, DoNotDependOnTheBatches) {
  EXPECT_EQ(gathered(1).loss(), gathered(4).loss());
  EXPECT_EQ(gathered(2).top(2), gathered(4).top(2));
}

TEST(Metrics, MeanLossIsTheCrossEntropyOfPyTorch) {
  for (const golden::LossCase& golden : golden::losses) {
    Metrics metrics{golden.classes};
    metrics.add(LogitsView<double>{golden.student.data(), golden.batch, golden.classes}, golden.labels);
    EXPECT_NEAR(metrics.loss(), golden.hard_labels[0].value, 1e-12 * golden.hard_labels[0].value);
  }
}

TEST(Metrics, TheLowerOfEqualClassesStandsBefore) {
  const std::vector<float> equal(6, 1.0F);
  Metrics metrics{3};
  metrics.add(view(equal, 0, 2), std::vector<std::int32_t>{0, 1});
  EXPECT_EQ(metrics.accuracy(), 0.5);
  EXPECT_EQ(metrics.top(2), 1.0);
  EXPECT_EQ(metrics.confusion(1, 0), 1U);
}

TEST(Metrics, AreZeroWithoutImages) {
  const Metrics metrics{3};
  EXPECT_EQ(metrics.count(), 0U);
  EXPECT_EQ(metrics.accuracy(), 0.0);
  EXPECT_EQ(metrics.loss(), 0.0);
}

TEST(Metrics, RefuseWhatMakesNoSense) {
  const auto code_of = [](const std::vector<float>& numbers, std::size_t classes,
                          std::vector<std::int32_t> classes_of) {
    try {
      Metrics metrics{classes};
      metrics.add(view(numbers, 0, 1), classes_of);
    } catch (const Error& error) {
      return error.code();
    }
    return ErrorCode::file_damaged;
  };
  EXPECT_EQ(code_of({1, 2, 3}, 4, {0}), ErrorCode::invalid_argument);
  EXPECT_EQ(code_of({1, 2, 3}, 3, {0, 1}), ErrorCode::invalid_argument);
  EXPECT_EQ(code_of({1, 2, 3}, 3, {3}), ErrorCode::invalid_data);
  EXPECT_EQ(code_of({1, std::numeric_limits<float>::quiet_NaN(), 3}, 3, {0}), ErrorCode::not_finite);
  EXPECT_EQ(code_of({1, std::numeric_limits<float>::infinity(), 3}, 3, {0}), ErrorCode::not_finite);
}

}  // namespace
}  // namespace attar::metrics_test
