// SPDX-License-Identifier: MIT
#include <vector>

#include <gtest/gtest.h>

#include "feature_checks.hpp"
#include <attar/loss/adapter.hpp>
#include <attar/loss/fit_net.hpp>

namespace attar::fit_net_test {
namespace {

using Plain = FitNet<Tap<"middle">>;

TEST(FitNet, AgreesWithPyTorch) {
  test::expect_golden_maps<Plain, double>("fit_net", 1e-10);
  test::expect_golden_maps<Plain, float>("fit_net", 1e-5);
}

TEST(FitNet, GradientIsThatOfTheLoss) {
  test::expect_feature_gradients<Plain>(test::random_case(3, {3, 2, 3}, {3, 2, 3}));
  test::expect_feature_gradients<Plain>(test::random_case(3, {3, 2, 3}, {4, 2, 3}));
  test::expect_feature_gradients<FitNet<Tap<"a">, Tap<"b">, Weight<100>>>(test::random_case(2, {4, 2, 2}, {2, 2, 2}));
}

TEST(FitNet, KeepsTheContract) {
  test::expect_contract<FitNet>(test::random_case(9, {32, 5, 4}, {32, 5, 4}));
  test::expect_contract<FitNet>(test::random_case(9, {24, 5, 4}, {40, 5, 4}));
}

TEST(FitNet, EqualWidthsNeedNoAdapter) {
  EXPECT_TRUE((Plain::State<float>{{.student = {8, 4, 4}, .teacher = {8, 4, 4}, .batch = 2}}.parameters().empty()));
  EXPECT_EQ((Plain::State<float>{{.student = {8, 4, 4}, .teacher = {5, 4, 4}, .batch = 2}}.parameters().size()),
            8U * 5U + 5U);
}

TEST(FitNet, EqualMapsCostNothing) {
  test::FeatureCase<double> c = test::random_case(2, {3, 4, 4}, {3, 4, 4});
  c.teacher = c.student;
  const auto [loss, gradient] = test::run_term<Plain>(c);
  EXPECT_EQ(loss, 0);
  EXPECT_EQ(gradient, std::vector<double>(c.student.size()));
}

TEST(FitNet, NothingIsLeftWhereTheAdapterIsRight) {
  test::FeatureCase<double> c = test::random_case(2, {3, 4, 4}, {5, 4, 4});
  Plain::State<double> state{c.context()};
  std::vector<double> parameters(20), unused(20);
  const detail::Adapter<double> adapter{3, 5, parameters, unused, Rng{Seed{}}};
  std::ranges::copy(parameters, state.parameters().begin());
  adapter.forward(2 * 16, c.student.data(), c.teacher.data());
  std::vector<double> gradient(c.student.size());
  EXPECT_NEAR(state.add(c.inputs(), gradient), 0, 1e-28);
}

TEST(FitNet, FollowsTheWeightsOfTheImages) {
  test::expect_image_weights<Plain>(test::random_case(2, {3, 2, 2}, {3, 2, 2}));
  test::expect_image_weights<Plain>(test::random_case(2, {3, 2, 2}, {4, 2, 2}));
}

TEST(FitNet, ChecksExtents) {
  EXPECT_EQ(Plain::check({3, 8, 4}, {5, 8, 4}), FeatureFault::none);
  EXPECT_EQ(Plain::check({3, 8, 4}, {3, 4, 4}), FeatureFault::extents_differ);
  EXPECT_EQ(Plain::check({3, 8, 4}, {3, 8, 8}), FeatureFault::extents_differ);
}

}  // namespace
}  // namespace attar::fit_net_test
