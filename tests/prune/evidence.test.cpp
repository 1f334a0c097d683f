// SPDX-License-Identifier: MIT
#include <utility>

#include <gtest/gtest.h>

#include <attar/model/network.hpp>
#include <attar/prune/evidence.hpp>

namespace attar::evidence_test {
namespace {

using Net = Sequential<Input<3, 8, 8>, Conv2d<4, Kernel<3>>, BatchNorm2d, ReLU, Conv2d<6>, Residual<Conv2d<6>>,
                       BatchNorm2d, GlobalAvgPool, Linear<10>>;
constexpr const Program& program = Net::program;

TEST(Evidence, HoldsWhatWasAskedToBeWritten) {
  Evidence<float> evidence{program};
  EXPECT_TRUE(evidence.holds(Needs::nothing));
  for (const Needs needs : {Needs::gradients, Needs::activations, Needs::trajectory})
    EXPECT_FALSE(evidence.holds(needs));
  EXPECT_EQ(evidence.movement().size(), program.trainable_size);
  EXPECT_TRUE(evidence.holds(Needs::trajectory));
  EXPECT_FALSE(evidence.holds(Needs::gradients));
  evidence.movement()[3] = 2;
  EXPECT_EQ(evidence.movement()[3], 2);
  EXPECT_TRUE(std::as_const(evidence).gradients().empty());
}

ErrorCode refusal(const Evidence<float>& evidence, Needs needs) {
  try {
    evidence.require(needs, program);
  } catch (const Error& error) {
    return error.code();
  }
  return ErrorCode::interrupted;  // No error.
}

TEST(Evidence, IsRefusedWhereItIsMissingOrOfAnotherArchitecture) {
  EXPECT_EQ(refusal({}, Needs::nothing), ErrorCode::interrupted);
  EXPECT_EQ(refusal({}, Needs::gradients), ErrorCode::invalid_argument);
  EXPECT_EQ(refusal(Evidence<float>{program}, Needs::activations), ErrorCode::invalid_argument);
  using Other = Sequential<Input<3, 8, 8>, Conv2d<5>, GlobalAvgPool, Linear<10>>;
  Evidence<float> other{Other::program};
  EXPECT_FALSE(other.movement().empty());
  EXPECT_EQ(refusal(other, Needs::trajectory), ErrorCode::architecture_mismatch);
  Evidence<float> own{program};
  EXPECT_FALSE(own.movement().empty());
  EXPECT_EQ(refusal(own, Needs::trajectory), ErrorCode::interrupted);
}

TEST(LayerEvidence, ViewsTheLayerAndTheNormThatAloneReadsIt) {
  Network<Net> network{Seed{1}};
  for (std::size_t i = 0; i < 4; ++i) network.tensor("1.weight")[i] = static_cast<float>(i);
  Evidence<float> evidence{program};
  evidence.gradients()[program.parameter(program.ops[0].weight).offset + 5] = 7;
  const std::span<const float> buffer = network.buffer();
  const auto first = detail::layer_evidence(program, buffer, 0, evidence);
  EXPECT_EQ(first.weights.data(), network.tensor("0.weight").data());
  EXPECT_EQ(first.weights.size(), 4U * 27U);
  EXPECT_EQ(first.filters, 4U);
  EXPECT_EQ(first.gradients[5], 7);
  EXPECT_TRUE(first.curvature.empty());
  EXPECT_EQ(first.norm_scale.data(), network.tensor("1.weight").data());
  EXPECT_EQ(first.filter(first.weights, 2).data(), first.weights.data() + 54);
  // The norm behind the sum is not the layer's own.
  for (std::size_t i = 1; i < program.ops.size(); ++i) {
    if (!detail::has_filters(program.ops[i])) continue;
    EXPECT_TRUE(detail::layer_evidence(program, buffer, i, evidence).norm_scale.empty()) << i;
  }
}

TEST(LayerEvidence, ActivationsAreThoseBehindNormAndActivation) {
  static_assert(detail::activated_value(program, program.ops[0]) == program.ops[2].output);
  static_assert(detail::activated_value(program, program.ops[3]) == program.ops[3].output);
  Evidence<float> evidence{program};
  evidence.set_activations(program.ops[2].output, {{1, 2, 3, 4}, {0, 0, 0, 1}});
  EXPECT_TRUE(evidence.holds(Needs::activations));
  const Network<Net> network;
  const auto first = detail::layer_evidence(program, network.buffer(), 0, evidence);
  EXPECT_EQ(first.mean_activation[3], 4);
  EXPECT_EQ(first.zero_share[3], 1);
}

TEST(LayerPath, IsThatOfItsTensors) {
  static_assert(detail::layer_path(program, program.ops[0]) == "0");
  EXPECT_EQ(detail::layer_path(program, program.ops[4]), "4.main");
}

}  // namespace
}  // namespace attar::evidence_test
