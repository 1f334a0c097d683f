// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <attar/model/int8_simulation.hpp>
#include <attar/model/quantization_aware.hpp>

namespace attar::int8_simulation_test {
namespace {

using Net = Sequential<Input<1, 8, 8>, Conv2d<8, Kernel<3>>, BatchNorm2d, ReLU, GlobalAvgPool, Linear<4>>;

TEST(Int8Simulation, SaysWhereLimitsAre) {
  using Aware = quantization_aware_t<Net, Int8<PerTensor, WeightBits<4>>, Pact>;
  constexpr const Int8Simulation& simulation = *Aware::program.simulation;
  EXPECT_EQ(simulation.weight_limit, 7);
  EXPECT_FALSE(simulation.per_channel);
  EXPECT_EQ(simulation.weights, LimitRule::follow);
  EXPECT_EQ(simulation.activations, LimitRule::learn_clip);
  ASSERT_EQ(simulation.weight_limits.size(), Aware::program.parameters.size());
  for (std::size_t i = 0; i < Aware::program.parameters.size(); ++i) {
    const Parameter& parameter = Aware::program.parameters[i];
    const int limits = simulation.weight_limits[i];
    ASSERT_EQ(limits >= 0, parameter.role == Role::weight);
    if (limits >= 0) {
      EXPECT_TRUE(Aware::program.parameter(limits).name.view().starts_with(parameter.name.view()));
    }
  }
  EXPECT_EQ(Aware::program.parameter(simulation.activation_limits).name.view(), "activation_limit");
  EXPECT_EQ(Aware::program.parameter(simulation.activation_signs).name.view(), "activation_signed");
  EXPECT_EQ(simulation.activation_offsets, -1);
}

TEST(Int8Simulation, SaysWhereOffsetsAre) {
  using Aware = quantization_aware_t<Net, Int8<Asymmetric>, Pact>;
  constexpr const Int8Simulation& simulation = *Aware::program.simulation;
  EXPECT_EQ(Aware::program.parameter(simulation.activation_limits).name.view(), "activation_limit");
  EXPECT_EQ(Aware::program.parameter(simulation.activation_offsets).name.view(), "activation_offset");
  EXPECT_EQ(simulation.activation_signs, -1) << "all are u8";
}

}  // namespace
}  // namespace attar::int8_simulation_test
