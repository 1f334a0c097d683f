// SPDX-License-Identifier: MIT
#include <array>

#include <gtest/gtest.h>

#include <attar/backend/onednn/weights.hpp>
#include <attar/core/dtype.hpp>
#include <attar/layers/layers.hpp>
#include <attar/model/sequential.hpp>

namespace attar::detail::onednn::weights_test {
namespace {

const Dims dims{1, 2, 1, 3};  // One output, two inputs, three taps.
const Layout flat{dims, dnnl::memory::data_type::f32, Tag::oihw};
const Layout taps_first{dims, dnnl::memory::data_type::f32, Tag::hwio};
const Layout rounded{dims, dnnl::memory::data_type::bf16, Tag::oihw};

TEST(PackedWeights, LeavesAloneWhatFits) {
  const std::array numbers{1.0F, 2.0F, 3.0F, 4.0F, 5.0F, 6.0F};
  PackedWeights weights{flat, flat};
  EXPECT_EQ(weights.pack(numbers.data()), numbers.data());
}

TEST(PackedWeights, ConvertsOrderAndType) {
  const std::array numbers{1.0F, 2.0F, 3.0F, 4.0F, 5.0F, 1.001F};
  PackedWeights ordered{flat, taps_first};
  const auto* packed = static_cast<const float*>(ordered.pack(numbers.data()));
  EXPECT_EQ((std::array{packed[0], packed[1], packed[2], packed[3], packed[4], packed[5]}),
            (std::array{1.0F, 4.0F, 2.0F, 5.0F, 3.0F, 1.001F}));
  PackedWeights narrow{flat, rounded};
  EXPECT_EQ(static_cast<float>(static_cast<const bf16*>(narrow.pack(numbers.data()))[5]), 1.0F);
}

TEST(PackedGradient, WritesStraightToWhatFits) {
  std::array<float, 6> numbers{};
  PackedGradient gradient{flat, flat};
  EXPECT_EQ(gradient.target(numbers.data()), numbers.data());
}

TEST(PackedGradient, ConvertsOrder) {
  std::array<float, 6> numbers{};
  PackedGradient gradient{taps_first, flat};
  auto* packed = static_cast<float*>(gradient.target(numbers.data()));
  ASSERT_NE(packed, numbers.data());
  for (int i = 0; i < 6; ++i) packed[i] = static_cast<float>(i);
  gradient.unpack(numbers.data());
  EXPECT_EQ(numbers, (std::array{0.0F, 2.0F, 4.0F, 1.0F, 3.0F, 5.0F}));
}

TEST(ParameterOffsets, PointsIntoTheFlatBuffer) {
  using A = Sequential<Input<2, 1, 1>, attar::Linear<3>, attar::Linear<2, NoBias>>;
  const auto& program = A::program;
  std::array<float, A::program.buffer_size> buffer{};
  const ParameterOffsets first{OperationContext{program.ops[0], program, 1}};
  EXPECT_EQ(first.weight(buffer.data()), buffer.data() + program.parameters[0].offset);
  EXPECT_EQ(first.bias(buffer.data()), buffer.data() + program.parameters[1].offset);
  const ParameterOffsets second{OperationContext{program.ops[1], program, 1}};
  EXPECT_EQ(second.weight(buffer.data()), buffer.data() + program.parameters[2].offset);
  EXPECT_FALSE(second.has_bias());
  EXPECT_EQ(second.bias(buffer.data()), nullptr);
}

}  // namespace
}  // namespace attar::detail::onednn::weights_test
