// SPDX-License-Identifier: MIT
#include <limits>

#include <gtest/gtest.h>

#include "../io/scratch.hpp"
#include <attar/data/normalization.hpp>

namespace attar::normalization_test {
namespace {

using namespace attar;
using namespace attar::test;

TEST(Normalization, HasAMeanAndADeviationPerChannel) {
  require_normalization({{0.0F, -1.0F}, {1.0F, 0.1F}}, 2, "pixels");
  const float infinity = std::numeric_limits<float>::infinity();
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const auto refused = [](const Normalization& normalization, const char* telling) {
    expect_error(ErrorCode::invalid_data, telling, [&] { require_normalization(normalization, 2, "pixels"); });
    expect_error(ErrorCode::invalid_data, "pixels", [&] { require_normalization(normalization, 2, "pixels"); });
  };
  refused({}, "2 means and deviations, one of each per channel, found 0 and 0");
  refused({{0}, {1, 1}}, "found 1 and 2");
  refused({{0, infinity}, {1, 1}}, "finite means");
  refused({{nan, 0}, {1, 1}}, "finite means");
  refused({{0, 0}, {1, 0}}, "positive deviations");
  refused({{0, 0}, {-1, 1}}, "positive deviations");
  refused({{0, 0}, {infinity, 1}}, "positive deviations");
  refused({{0, 0}, {1, nan}}, "positive deviations");
}

}  // namespace
}  // namespace attar::normalization_test
