// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <attar/loss/options.hpp>

namespace {

using namespace attar;

TEST(LossOptions, AreRatios) {
  EXPECT_EQ((Weight<9, 10>::value), 0.9);
  EXPECT_EQ(Weight<0>::value, 0.0);
  EXPECT_EQ((Temperature<5, 2>::value), 2.5);
  EXPECT_EQ((Smoothing<1, 10>::value), 0.1);
}

TEST(LossOptions, AreFoundInAnyOrder) {
  EXPECT_EQ((detail::weight_of<Temperature<4>, Weight<1, 2>>()), 0.5);
  EXPECT_EQ((detail::temperature_of<Weight<1, 2>, Temperature<3>>(4.0)), 3.0);
  EXPECT_EQ((detail::smoothing_of<Weight<1, 2>, Smoothing<1, 4>>()), 0.25);
}

TEST(LossOptions, HaveDefaults) {
  EXPECT_EQ(detail::weight_of<>(), 1.0);
  EXPECT_EQ(detail::temperature_of<>(4.0), 4.0);
  EXPECT_EQ(detail::smoothing_of<>(), 0.0);
}

}  // namespace
