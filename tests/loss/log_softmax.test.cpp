// SPDX-License-Identifier: MIT
#include <cmath>
#include <cstddef>
#include <limits>
#include <span>
#include <vector>

#include <gtest/gtest.h>

#include <attar/loss/log_softmax.hpp>

namespace attar::log_softmax_test {
namespace {

using attar::LogSoftmax;

constexpr double infinity = std::numeric_limits<double>::infinity();

TEST(LogSoftmax, KnowsSimpleDistributions) {
  const std::vector<double> logits{0.0, std::log(3.0)};
  const LogSoftmax<double> even{logits};
  EXPECT_DOUBLE_EQ(even.probability(0), 0.25);
  EXPECT_DOUBLE_EQ(even.probability(1), 0.75);
  EXPECT_DOUBLE_EQ(even[0], std::log(0.25));
}

TEST(LogSoftmax, DividesByTheTemperature) {
  const std::vector<double> logits{1.0, -2.0, 4.0};
  const std::vector<double> quarter{0.25, -0.5, 1.0};
  const LogSoftmax<double> at_four{logits, 4.0};
  const LogSoftmax<double> plain{quarter};
  for (std::size_t c = 0; c < logits.size(); ++c) EXPECT_DOUBLE_EQ(at_four[c], plain[c]);
}

TEST(LogSoftmax, DoesNotOverflow) {
  const std::vector<float> logits{3e38F, -3e38F, 0.0F};
  const LogSoftmax<float> row{logits};
  EXPECT_EQ(row[0], 0.0);
  EXPECT_EQ(row.probability(1), 0.0);
  EXPECT_TRUE(std::isfinite(row[1]));
}

TEST(LogSoftmax, AClassCanBeRuledOut) {
  const std::vector<double> logits{1.0, -infinity, 1.0};
  const LogSoftmax<double> row{logits};
  EXPECT_EQ(row.probability(1), 0.0);
  EXPECT_DOUBLE_EQ(row.probability(0), 0.5);
}

TEST(LogSoftmax, NonFiniteLogitsSpoilTheWholeRow) {
  for (const double bad : {infinity, std::numeric_limits<double>::quiet_NaN()}) {
    for (std::size_t place = 0; place < 3; ++place) {
      std::vector<double> logits{1.0, 2.0, 3.0};
      logits[place] = bad;
      const LogSoftmax<double> row{logits};
      for (std::size_t c = 0; c < 3; ++c) EXPECT_TRUE(std::isnan(row[c])) << bad << " at " << place;
    }
  }
}

}  // namespace
}  // namespace attar::log_softmax_test
