// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cstddef>
#include <span>
#include <vector>

#include <gtest/gtest.h>

#include "../golden/calibrators.hpp"
#include <attar/quantize/moving_average.hpp>

namespace attar::moving_average_test {
namespace {

ValueStatistics in_batches_of(std::size_t batch) {
  ValueStatistics statistics;
  const std::size_t step = batch * golden::image_size;
  for (std::size_t i = 0; i < golden::images.size(); i += step) {
    const std::size_t size = std::min(step, golden::images.size() - i);
    statistics.add(std::span{golden::images}.subspan(i, size), size / golden::image_size);
  }
  return statistics;
}

TEST(MovingAverage, AgreesWithPyTorchAtBatchOne) {
  const ValueStatistics statistics = in_batches_of(1);
  EXPECT_NEAR(MovingAverage<>::limit(statistics, 127), golden::moving_by_a_hundredth, 1e-5);
  EXPECT_NEAR((MovingAverage<1, 4>::limit(statistics, 127)), golden::moving_by_a_quarter, 1e-5);
}

TEST(MovingAverage, GoesByImageNotByBatch) {
  const float limit = MovingAverage<1, 4>::limit(in_batches_of(1), 127);
  for (const std::size_t batch : {std::size_t{5}, std::size_t{7}, std::size_t{64}}) {
    EXPECT_EQ((MovingAverage<1, 4>::limit(in_batches_of(batch), 127)), limit) << batch;
  }
}

TEST(MovingAverage, OfTheLastImageAlone) {
  ValueStatistics statistics;
  statistics.add(std::vector<float>{-9, 1, -2, 3}, 2);
  EXPECT_EQ((MovingAverage<1, 1>::limit(statistics, 127)), 3.0F);
  EXPECT_EQ((MovingAverage<1, 1>::range(statistics)), (ValueRange{-2, 3}));
}

TEST(MovingAverage, TakesConstantAndEmptyValues) {
  EXPECT_EQ(MovingAverage<>::limit(ValueStatistics{}, 127), 0.0F);
  ValueStatistics statistics;
  statistics.add(std::vector<float>(30, -0.7F), 10);
  EXPECT_FLOAT_EQ(MovingAverage<>::limit(statistics, 127), 0.7F);
  EXPECT_EQ(MovingAverage<>::range(statistics).largest, 0.0F);  // A range has 0.
}

}  // namespace
}  // namespace attar::moving_average_test
