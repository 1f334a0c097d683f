// SPDX-License-Identifier: MIT
#include <cstddef>
#include <vector>

#include <gtest/gtest.h>

#include <attar/backend/gradient_plan.hpp>
#include <attar/model/sequential.hpp>

namespace attar::detail::gradient_plan_test {
namespace {

template <class A>
GradientPlan plan_of(std::vector<int> taps = {}) {
  const FusedProgram fused = fuse(A::program, FuseFor::training, taps);
  return GradientPlanner{A::program, fused, 4}.plan();
}

TEST(GradientPlan, TwoBuffersServeAChain) {
  using Chain = Sequential<Input<8, 4, 4>, Conv2d<8>, ReLU, Conv2d<8>, ReLU, Conv2d<8>, ReLU, Conv2d<8>>;
  const GradientPlan plan = plan_of<Chain>();
  EXPECT_EQ(plan.sizes, (std::vector<std::size_t>(2, 4 * 8 * 4 * 4)));
  for (std::size_t i = 0; i < plan.operations.size(); ++i) {
    EXPECT_NE(plan.operations[i].output, plan.operations[i].inputs[0]);
    EXPECT_FALSE(plan.operations[i].accumulate[0]);
  }
  EXPECT_EQ(plan.operations.back().output, plan.logits);
}

TEST(GradientPlan, NobodyWantsTheGradientOfTheImages) {
  using Chain = Sequential<Input<8, 4, 4>, Conv2d<8>, ReLU>;
  EXPECT_EQ(plan_of<Chain>().operations.front().inputs[0], no_gradient);
}

TEST(GradientPlan, AValueWithTwoReadersAddsTheirGradients) {
  using Branches = Sequential<Input<8, 4, 4>, Conv2d<8>, Residual<Conv2d<8>>>;
  int added = 0;
  for (const OperationGradients& operation : plan_of<Branches>().operations) {
    added += (operation.accumulate[0] ? 1 : 0) + (operation.accumulate_residual ? 1 : 0);
  }
  for (const OperationGradients& operation : plan_of<Branches>().operations) added += operation.accumulate[1] ? 1 : 0;
  EXPECT_EQ(added, 1);
}

TEST(GradientPlan, ANormWithTwoReadersKeepsTwoSummands) {
  using Branches = Sequential<Input<8, 4, 4>, Conv2d<8>, BatchNorm2d, Residual<Conv2d<8>>>;
  int second = 0;
  for (const OperationGradients& operation : plan_of<Branches>().operations) {
    second += operation.second_output != no_gradient ? 1 : 0;
    EXPECT_FALSE(operation.accumulate[0] || operation.accumulate[1] || operation.accumulate_residual);
  }
  EXPECT_EQ(second, 1);
}

TEST(GradientPlan, ATapsGradientHasABufferOfItsOwnUnlessTheTapIsTheOutput) {
  using Chain = Sequential<Input<8, 4, 4>, Conv2d<8>, ReLU, Conv2d<8>>;
  const GradientPlan plan = plan_of<Chain>({2, Chain::program.output});
  ASSERT_EQ(plan.taps.size(), 2U);
  EXPECT_FALSE(plan.taps[0].add);
  EXPECT_NE(plan.taps[0].buffer, plan.logits);
  EXPECT_TRUE(plan.taps[1].add);
  EXPECT_EQ(plan.taps[1].buffer, plan.logits);
}

}  // namespace
}  // namespace attar::detail::gradient_plan_test
