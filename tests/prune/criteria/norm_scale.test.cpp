// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include "../golden_case.hpp"
#include <attar/prune/criteria/norm_scale.hpp>

namespace attar::norm_scale_test {
namespace {

static_assert(FilterCriterion<NormScale> && !WeightCriterion<NormScale>);

TEST(NormScale, IsThatOfTheNormBehindAndZeroWithoutOne) {
  test::expect_golden_filters<NormScale>("norm_scale");
}

}  // namespace
}  // namespace attar::norm_scale_test
