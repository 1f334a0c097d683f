// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include "../golden_case.hpp"
#include <attar/prune/criteria/geometric_median.hpp>

namespace attar::geometric_median_test {
namespace {

static_assert(FilterCriterion<GeometricMedian> && !WeightCriterion<GeometricMedian>);

TEST(GeometricMedian, AsInPyTorch) {
  test::expect_golden_filters<GeometricMedian>("geometric_median");
}

}  // namespace
}  // namespace attar::geometric_median_test
