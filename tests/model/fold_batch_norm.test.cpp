// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cmath>
#include <type_traits>
#include <vector>

#include <gtest/gtest.h>

#include "../support/run_network.hpp"
#include <attar/model/fold_batch_norm.hpp>

namespace attar::fold_batch_norm_test {
namespace {

using In = Input<3, 8, 8>;

TEST(FoldBatchNormType, ReplacesTheNormBehindAnAffineLayer) {
  using Before = Sequential<In, Conv2d<8, Kernel<3>>, BatchNorm2d, ReLU, DepthwiseConv2d<Kernel<3>>, BatchNorm2d,
                            GlobalAvgPool, Linear<5, NoBias>, BatchNorm2d>;
  using After = Sequential<In, Conv2d<8, Kernel<3>, Bias>, Identity, ReLU, DepthwiseConv2d<Kernel<3>, Bias>, Identity,
                           GlobalAvgPool, Linear<5>, Identity>;
  static_assert(std::is_same_v<fold_batch_norm_t<Before>, After>);
  static_assert(std::is_same_v<fold_batch_norm_t<After>, After>);
}

TEST(FoldBatchNormType, KeepsABiasThatIsThere) {
  static_assert(std::is_same_v<fold_batch_norm_t<Sequential<In, Conv2d<8, Bias>, BatchNorm2d>>,
                               Sequential<In, Conv2d<8, Bias>, Identity>>);
}

TEST(FoldBatchNormType, LooksThroughTheBordersOfStacks) {
  static_assert(
      std::is_same_v<fold_batch_norm_t<Sequential<In, Stack<ReLU, Stack<Conv2d<8>>>, Stack<BatchNorm2d, ReLU>>>,
                     Sequential<In, Stack<ReLU, Stack<Conv2d<8, Bias>>>, Stack<Identity, ReLU>>>);
}

TEST(FoldBatchNormType, GoesIntoEveryComposite) {
  using Block = Stack<Conv2d<3>, BatchNorm2d>;
  using Folded = Stack<Conv2d<3, Bias>, Identity>;
  static_assert(std::is_same_v<fold_batch_norm_t<Sequential<In, Repeat<2, Residual<Block, Concat<Block>>>>>,
                               Sequential<In, Repeat<2, Residual<Folded, Concat<Folded>>>>>);
}

TEST(FoldBatchNormType, KeepsANormThatFollowsNoAffineLayer) {
  using PreActivation = Sequential<In, BatchNorm2d, ReLU, Conv2d<8, Kernel<3>>>;
  static_assert(std::is_same_v<fold_batch_norm_t<PreActivation>, PreActivation>);
}

TEST(FoldBatchNormType, KeepsANormThatIsNotTheOnlyReader) {
  using Shared = Sequential<In, Conv2d<8>, Residual<Stack<BatchNorm2d, ReLU>>>;
  static_assert(std::is_same_v<fold_batch_norm_t<Shared>, Shared>);
  using Repeated = Sequential<In, Conv2d<8>, Repeat<2, Stack<BatchNorm2d, ReLU, Conv2d<8>>>>;
  static_assert(std::is_same_v<fold_batch_norm_t<Repeated>, Repeated>);
}

TEST(FoldBatchNorm, MultipliesTheNormIntoWeightsAndBias) {
  using A = Sequential<Input<1, 1, 1>, Conv2d<2, Bias>, BatchNorm2d, BatchNorm2d, Linear<1>>;
  Network<A, double> network{Seed{1}};
  const auto set = [&](std::string_view name, double first, double second) {
    network.tensor(name)[0] = first;
    network.tensor(name)[1] = second;
  };
  set("0.weight", 3, -2);
  set("0.bias", 0.5, 1);
  set("1.weight", 2, 5);
  set("1.bias", 0.25, -1);
  set("1.running_mean", 1, 2);
  set("1.running_var", 4 - 1e-5, 0.25 - 1e-5);
  set("2.bias", 7, 8);

  const auto folded = fold_batch_norm(network);
  EXPECT_DOUBLE_EQ(folded.tensor("0.weight")[0], 3.0 * 2 / 2);
  EXPECT_DOUBLE_EQ(folded.tensor("0.weight")[1], -2.0 * 5 / 0.5);
  EXPECT_DOUBLE_EQ(folded.tensor("0.bias")[0], (0.5 - 1) * 2 / 2 + 0.25);
  EXPECT_DOUBLE_EQ(folded.tensor("0.bias")[1], (1.0 - 2) * 5 / 0.5 - 1);
  EXPECT_EQ(folded.tensor("2.bias")[1], 8);
  EXPECT_EQ(folded.tensor("3.weight")[0], network.tensor("3.weight")[0]);
}

template <class A>
double largest_difference() {
  const Network<A, double> network = test::random_network<A>(3);
  const std::vector<double> images = test::random_numbers(2 * A::input_shape.size(), 4);
  const std::vector<double> before = test::run_network(network, images, 2);
  const std::vector<double> after = test::run_network(fold_batch_norm(network), images, 2);
  double largest = 0;
  for (std::size_t i = 0; i < before.size(); ++i) largest = std::max(largest, std::abs(before[i] - after[i]));
  return largest;
}

TEST(FoldBatchNorm, IsTheSameFunction) {
  using Block = Stack<Conv2d<6, Kernel<3>>, BatchNorm2d, ReLU>;
  using Plain = Sequential<In, Block, MaxPool2d<2>, Conv2d<4, Kernel<3>, Bias>, BatchNorm2d, Flatten, Linear<5, NoBias>,
                           BatchNorm2d, ReLU, Linear<3>>;
  EXPECT_LT(largest_difference<Plain>(), 1e-12);
  using Composite = Sequential<In, Stack<Conv2d<6>>, BatchNorm2d,
                               Repeat<2, Residual<Stack<Block, DepthwiseConv2d<Kernel<3>>, BatchNorm2d>>>,
                               Concat<Stack<>, Stack<BatchNorm2d, ReLU, Conv2d<4>, BatchNorm2d, BatchNorm2d>>,
                               SqueezeExcite<2>, BatchNorm2dWith<Epsilon<1, 1000>, Momentum<1, 100>>, Conv2d<3>,
                               BatchNorm2dWith<Epsilon<1, 10>, Momentum<1, 2>>, GlobalAvgPool>;
  EXPECT_LT(largest_difference<Composite>(), 1e-12);
}

}  // namespace
}  // namespace attar::fold_batch_norm_test
