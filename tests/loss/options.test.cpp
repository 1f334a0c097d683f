// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <attar/loss/options.hpp>

namespace attar::options_test {
namespace {

using namespace attar;

TEST(LossOptions, AreRatios) {
  EXPECT_EQ((Weight<9, 10>::value), 0.9);
  EXPECT_EQ(Weight<0>::value, 0.0);
  EXPECT_EQ((Temperature<5, 2>::value), 2.5);
  EXPECT_EQ((Smoothing<1, 10>::value), 0.1);
}

TEST(LossOptions, AreFoundInAnyOrder) {
  EXPECT_EQ((detail::weight_at<Temperature<4>, Weight<1, 2>>(0)), 0.5);
  EXPECT_EQ((detail::temperature_at<Weight<1, 2>, Temperature<3>>(4.0, 0)), 3.0);
  EXPECT_EQ((detail::smoothing_of<Weight<1, 2>, Smoothing<1, 4>>()), 0.25);
}

TEST(LossOptions, HaveDefaults) {
  EXPECT_EQ(detail::weight_at<>(0), 1.0);
  EXPECT_EQ(detail::temperature_at<>(4.0, 0), 4.0);
  EXPECT_EQ(detail::smoothing_of<>(), 0.0);
}

TEST(LossOptions, PlainOnesDoNotChange) {
  for (const double progress : {0.0, 0.3, 1.0}) {
    EXPECT_EQ((Weight<1, 2>::at(progress)), 0.5);
    EXPECT_EQ((detail::temperature_at<Temperature<3>>(4.0, progress)), 3.0);
  }
}

TEST(LossOptions, RampIsLinear) {
  using Cooling = Ramp<Temperature<8>, Temperature<2>>;
  EXPECT_EQ(Cooling::at(0.0), 8.0);
  EXPECT_EQ(Cooling::at(0.25), 6.5);
  EXPECT_EQ(Cooling::at(1.0), 2.0);
  EXPECT_EQ((Ramp<Weight<0>, Weight<9, 10>>::at(0.5)), 0.45);
}

TEST(LossOptions, RampStandsForWhatItChanges) {
  using Warmup = Ramp<Weight<0>, Weight<1>>;
  using Cooling = Ramp<Temperature<8>, Temperature<2>>;
  EXPECT_EQ((detail::weight_at<Cooling, Warmup>(0.25)), 0.25);
  EXPECT_EQ((detail::temperature_at<Cooling, Warmup>(4.0, 0.5)), 5.0);
  EXPECT_TRUE(detail::is_weight<Warmup> && !detail::is_temperature<Warmup>);
  EXPECT_TRUE(detail::is_temperature<Cooling> && !detail::is_weight<Cooling>);
}

TEST(LossOptions, AWeightCountsUnlessItIsAlwaysZero) {
  EXPECT_TRUE(detail::has_weight<>);
  EXPECT_FALSE((detail::has_weight<Temperature<4>, Weight<0>>));
  EXPECT_TRUE((detail::has_weight<Ramp<Weight<0>, Weight<1>>>));
  EXPECT_TRUE((detail::has_weight<Ramp<Weight<1>, Weight<0>>>));
  EXPECT_FALSE((detail::has_weight<Ramp<Weight<0>, Weight<0>>>));
}

TEST(LossOptions, AnotherKindOfWeightIsNotTheWeight) {
  struct Other : Weight<5> {};
  EXPECT_FALSE(detail::is_weight<Other>);
  EXPECT_EQ((detail::weight_at<Other, Weight<2>>(0)), 2.0);
}

}  // namespace
}  // namespace attar::options_test
