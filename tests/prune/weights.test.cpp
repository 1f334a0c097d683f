// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <string>
#include <type_traits>
#include <vector>

#include <gtest/gtest.h>

#include "golden_case.hpp"
#include <attar/optim/adam.hpp>
#include <attar/prune/criteria/gradients.hpp>
#include <attar/prune/criteria/lamp.hpp>
#include <attar/prune/criteria/movement.hpp>
#include <attar/prune/weights.hpp>

namespace attar::weights_test {
namespace {

using test::GoldenNet;

void expect_golden_mask(const MaskedNetwork<GoldenNet, double>& sparse, const std::string& name) {
  const auto dense = test::golden_network();
  for (std::size_t layer = 0; layer < 3; ++layer) {
    SCOPED_TRACE(name + std::to_string(layer));
    const std::vector<double>& stays = golden::pruning_masks.at(name)[layer];
    const std::size_t offset = test::golden_weight(layer).offset;
    for (std::size_t i = 0; i < stays.size(); ++i) {
      ASSERT_EQ(sparse.mask.keeps(offset + i), stays[i] == 1) << i;
      ASSERT_EQ(sparse.network.trainable()[offset + i], stays[i] * dense.trainable()[offset + i]) << i;
    }
  }
}

template <class Policy>
void expect_golden_mask(const std::string& name) {
  expect_golden_mask(Policy::apply(test::golden_network(), test::golden_evidence()), name);
}

TEST(Weights, MasksAreThoseOfPyTorch) {
  expect_golden_mask<Weights<L1Norm, Sparsity<6, 10>>>("l1_per_layer");
  expect_golden_mask<Weights<L1Norm, Sparsity<7, 10>, Global>>("l1_global");
  expect_golden_mask<Weights<Snip, Global, Sparsity<7, 10>>>("snip_global");
  expect_golden_mask<Weights<Lamp, Sparsity<7, 10>, Global>>("lamp_global");
}

TEST(Weights, NofMAndBlocksAreThoseOfPyTorch) {
  expect_golden_mask<Weights<L1Norm, NofM<2, 4>>>("l1_2_of_4");
  expect_golden_mask<Weights<L1Norm, NofM<1, 4>>>("l1_1_of_4");
  expect_golden_mask<Weights<L1Norm, Blocks<4>, Sparsity<1, 2>>>("l1_blocks_of_4");
}

TEST(Weights, OptionsComeInAnyOrder) {
  using Policy = Weights<Snip, Blocks<4>, Global, Sparsity<1, 4>>;
  static_assert(std::is_same_v<Policy::Granularity, Blocks<4>> && std::is_same_v<Policy::Scope, Global>);
  static_assert(Policy::has_sparsity && Policy::sparsity == 0.25);
  static_assert(std::is_same_v<Weights<>::Granularity, Single> && std::is_same_v<Weights<>::Scope, PerLayer>);
  static_assert(!Weights<>::has_sparsity);
  static_assert(Weights<L1Norm, NofM<1, 4>>::sparsity == 0.75);
}

using Net = Sequential<Input<3, 8, 8>, Conv2d<16, Kernel<3>>, BatchNorm2d, ReLU, Conv2d<24, Kernel<3>>, BatchNorm2d,
                       SqueezeExcite<4>, GlobalAvgPool, Linear<10>>;

template <class Scalar>
std::size_t zeros(std::span<const Scalar> numbers) {
  return static_cast<std::size_t>(std::ranges::count(numbers, Scalar{}));
}

TEST(Weights, TheShareIsReachedInEachLayerAndNormsAndBiasesStay) {
  Network<Net> dense{Seed{3}};
  for (float& shift : dense.tensor("1.bias")) shift = 1e-6F;
  const auto sparse = Weights<L1Norm, Sparsity<3, 4>>::apply(dense);
  for (const char* name : {"0.weight", "3.weight", "5.fc1.weight", "5.fc2.weight", "7.weight"}) {
    const auto after = sparse.network.tensor(name);
    EXPECT_EQ(zeros(after), (3 * after.size() + 2) / 4) << name;
  }
  EXPECT_EQ(zeros(sparse.network.tensor("1.bias")), 0U);
  EXPECT_EQ(zeros(sparse.network.tensor("1.weight")), 0U);
}

TEST(Weights, GlobalTakesFromLayersWithSmallScores) {
  Network<Net> dense{Seed{3}};
  for (float& weight : dense.tensor("0.weight")) weight = std::copysign(100.0F, weight);
  const auto sparse = Weights<L1Norm, Sparsity<1, 2>, Global>::apply(dense);
  EXPECT_EQ(zeros(sparse.network.tensor("0.weight")), 0U);
}

TEST(Weights, AmongEqualsTheFirstGo) {
  Network<Sequential<Input<4, 1, 1>, Linear<1, NoBias>>> dense;
  std::ranges::fill(dense.tensor("0.weight"), -1.0F);
  const std::vector<float> expected{0, 0, -1, -1};
  const auto single = Weights<L1Norm, Sparsity<1, 2>>::apply(dense);
  EXPECT_TRUE(std::ranges::equal(single.network.tensor("0.weight"), expected));
  const auto n_of_m = Weights<L1Norm, NofM<2, 4>>::apply(dense);
  EXPECT_TRUE(std::ranges::equal(n_of_m.network.tensor("0.weight"), expected));
}

TEST(Weights, MasksNestThoughTheOtherWeightsAndTheirScoresChange) {
  // By movement, which gives a weight that is zero no low score of its own.
  using Policy = Weights<Movement, Global>;
  Network<Net> network{Seed{3}};
  Evidence<float> evidence{Net::program};
  Rng rng{Seed{9}};
  Mask<Net> before;
  for (const double sparsity : {0.2, 0.5, 0.5, 0.8, 0.95}) {
    for (float& movement : evidence.movement()) movement = rng.normal();
    Mask<Net> mask;
    Policy::mask(Net::program, network.trainable(), evidence, sparsity, mask);
    std::size_t held = 0;
    std::size_t all = 0;
    for (const Parameter& parameter : Net::program.parameters) {
      if (parameter.role != Role::weight) continue;
      all += parameter.size;
      for (std::size_t i = parameter.offset; i < parameter.offset + parameter.size; ++i) {
        held += mask.keeps(i) ? 0U : 1U;
        ASSERT_TRUE(before.keeps(i) || !mask.keeps(i)) << "freed at " << sparsity << ": " << i;
      }
    }
    EXPECT_NEAR(static_cast<double>(held), sparsity * static_cast<double>(all), 0.51);
    mask(network.trainable());
    for (float& weight : network.trainable()) weight *= 1 + 0.1F * rng.normal();
    before = mask;
  }
}

TEST(Weights, BlocksOfZerosStayHeldAndHalfEmptyOnesAreJudgedByTheirSum) {
  using Small = Sequential<Input<4, 1, 1>, Conv2d<2>, Flatten, Linear<2>>;
  Network<Small> network{Seed{1}};
  // Filters as rows, blocks as columns.
  std::ranges::copy(std::vector<float>{0, 0, 1, 3, 0, 5, 1, -3}, network.tensor("0.weight").begin());
  Mask<Small> mask;
  Weights<L1Norm, Blocks<2>>::mask(Small::program, network.trainable(), Evidence<float>{}, 0.5, mask);
  const std::size_t offset = Small::program.parameter(0).offset;
  std::vector<bool> kept;
  for (std::size_t i = 0; i < 8; ++i) kept.push_back(mask.keeps(offset + i));
  EXPECT_EQ(kept, (std::vector<bool>{false, true, false, true, false, true, false, true}));
}

TEST(Weights, HoldsItsZerosUnderAnOptimizerWithMomentum) {
  auto sparse = Weights<L1Norm, Sparsity<9, 10>, Global>::apply(Network<Net>{Seed{3}});
  const Adam adam{};
  auto state = initial_state<float>(adam, Net::program.trainable_size);
  Rng rng{Seed{5}};
  for (int step = 0; step < 3; ++step) {
    std::vector<float> gradients(Net::program.trainable_size);
    for (float& gradient : gradients) gradient = rng.normal();
    sparse.mask(std::span{gradients});
    adam.step(sparse.network.trainable(), std::span<const float>{gradients}, state, 0.1, {});
    sparse.mask(sparse.network.trainable());
    for (std::size_t i = 0; i < Net::program.trainable_size; ++i) {
      EXPECT_TRUE(sparse.mask.keeps(i) || sparse.network.trainable()[i] == 0) << i;
    }
  }
}

TEST(LayerRatios, GiveEachLayerNamedItsOwnSparsity) {
  const Network<Net> dense{Seed{3}};
  const auto sparse = Weights<L1Norm>::apply(dense, LayerRatios{{"3", 0.5}, {"5.fc1", 0.25}, {"7", 0}});
  EXPECT_EQ(zeros(sparse.network.tensor("0.weight")), 0U);
  EXPECT_EQ(zeros(sparse.network.tensor("3.weight")), 24U * 16U * 9U / 2);
  EXPECT_EQ(zeros(sparse.network.tensor("5.fc1.weight")), 6U * 24U / 4);
  EXPECT_EQ(zeros(sparse.network.tensor("7.weight")), 0U);
}

ErrorCode refusal(const std::function<void()>& act) {
  try {
    act();
  } catch (const Error& error) {
    return error.code();
  }
  return ErrorCode::interrupted;  // No error.
}

TEST(Weights, RefusesWhatCannotBe) {
  Network<Net> dense{Seed{3}};
  const auto ratios = [&](LayerRatios by_layer) {
    return refusal([&] { (void)Weights<L1Norm>::apply(dense, by_layer); });
  };
  EXPECT_EQ(ratios({{"0", 0.5}}), ErrorCode::interrupted);
  EXPECT_EQ(ratios({{"1", 0.5}}), ErrorCode::invalid_argument) << "a norm";
  EXPECT_EQ(ratios({{"9", 0.5}}), ErrorCode::invalid_argument);
  EXPECT_EQ(ratios({{"0", 1.0}}), ErrorCode::invalid_argument);
  EXPECT_EQ(ratios({{"0", -0.1}}), ErrorCode::invalid_argument);
  EXPECT_EQ(ratios({{"0", std::numeric_limits<double>::quiet_NaN()}}), ErrorCode::invalid_argument);

  const auto mask = [&](const Evidence<float>& evidence, double sparsity) {
    Mask<Net> into;
    return refusal([&] { Weights<Snip>::mask(Net::program, dense.trainable(), evidence, sparsity, into); });
  };
  Evidence<float> evidence{Net::program};
  EXPECT_EQ(mask(evidence, 0.5), ErrorCode::invalid_argument) << "nothing was gathered";
  EXPECT_FALSE(evidence.gradients().empty() || evidence.curvature().empty());
  EXPECT_EQ(mask(evidence, 0.5), ErrorCode::interrupted);
  EXPECT_EQ(mask(evidence, 1.0), ErrorCode::invalid_argument);
  Evidence<float> other{Sequential<Input<3, 8, 8>, Conv2d<5>, GlobalAvgPool, Linear<10>>::program};
  EXPECT_FALSE(other.gradients().empty() || other.curvature().empty());
  EXPECT_EQ(mask(other, 0.5), ErrorCode::architecture_mismatch);
  dense.tensor("3.weight")[7] = std::numeric_limits<float>::quiet_NaN();
  EXPECT_EQ(mask(evidence, 0.5), ErrorCode::not_finite);
  EXPECT_EQ(refusal([&] { (void)Weights<Lamp, Sparsity<1, 2>>::apply(dense); }), ErrorCode::not_finite);
}

}  // namespace
}  // namespace attar::weights_test
