// SPDX-License-Identifier: MIT
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include <gtest/gtest.h>

#include <attar/backend/kernels/int8_finish.hpp>
#include <attar/core/rng.hpp>

namespace attar::test::int8_finish_test {
namespace {

constexpr detail::Lanes<4> lanes{};
constexpr std::array<float, 4> sums{-2000, 30, 4000, 123456};

detail::Int8Op plain() {
  detail::Int8Op op;
  op.multiplier = {0.01F, 0.5F, 0.03F, 0.001F};
  op.offset = {1.25F, -3.5F, 0.5F, 0};
  return op;
}

/// What the op makes of `sums`, number by number, each product and sum rounded.
float by_hand(const detail::Int8Op& op, std::size_t c, const std::int8_t* residual) {
  const volatile float product = sums[c] * op.multiplier[c];
  const volatile float affine = product + op.offset[c];
  float y = affine;
  if (residual != nullptr) y += static_cast<float>(residual[c]) * op.residual_multiplier;
  if (op.activation == detail::Int8Activation::clip) y = std::min(std::max(y, 0.0F), op.limit);
  if (op.activation == detail::Int8Activation::hard_swish) {
    const volatile float slope = y * op.slope;
    y *= std::min(std::max(slope + 0.5F, 0.0F), 1.0F);
  }
  return y;
}

void finish(const detail::Int8Op& op, const std::int8_t* residual, void* output) {
  detail::StepPointers pointers;
  pointers.residual = reinterpret_cast<const std::byte*>(residual);
  pointers.output = static_cast<std::byte*>(output);
  detail::int8_finish(op, pointers, 0, 0, detail::load(sums.data(), lanes), lanes);
}

TEST(Int8Finish, GivesFloatLogits) {
  detail::Int8Op op = plain();
  op.float_output = true;
  std::array<float, 4> y{};
  finish(op, nullptr, y.data());
  for (std::size_t c = 0; c < 4; ++c) EXPECT_EQ(y[c], by_hand(op, c, nullptr));
}

TEST(Int8Finish, RoundsProductsBeforeItAdds) {
  // With a fused multiply-add the rounding errors of these products would survive.
  constexpr std::size_t count = 300;
  Rng rng{Seed{1}};
  std::vector<float> of_channel(count);
  detail::Int8Op op;
  op.float_output = true;
  for (float& sum : of_channel) {
    sum = static_cast<float>(static_cast<std::int32_t>(rng.below(1 << 20)) - (1 << 19));
    op.multiplier.push_back(0.001F + rng.uniform());
    const volatile float product = sum * op.multiplier.back();
    op.offset.push_back(-product);
  }
  std::vector<float> y(count, 1.0F);
  detail::StepPointers pointers;
  pointers.output = reinterpret_cast<std::byte*>(y.data());
  detail::for_lanes(0, count, [&](std::size_t i, auto some) {
    detail::int8_finish(op, pointers, i, i, detail::load(of_channel.data() + i, some), some);
  });
  for (std::size_t i = 0; i < count; ++i) EXPECT_EQ(y[i], 0.0F) << i;
}

TEST(Int8Finish, AddsActivatesAndRounds) {
  const std::array<std::int8_t, 4> residual{-128, 127, 5, -9};
  for (const auto activation :
       {detail::Int8Activation::none, detail::Int8Activation::clip, detail::Int8Activation::hard_swish}) {
    for (const bool is_signed : {false, true}) {
      detail::Int8Op op = plain();
      op.activation = activation;
      op.limit = 77.5F;
      op.slope = 0.1F;
      op.signed_residual = true;
      op.residual_multiplier = 0.25F;
      op.signed_output = is_signed;
      std::array<std::int8_t, 4> bytes{};
      finish(op, residual.data(), bytes.data());
      for (std::size_t c = 0; c < 4; ++c) {
        const int expected = detail::requantize(static_cast<double>(by_hand(op, c, residual.data())), is_signed);
        EXPECT_EQ(detail::number_of(bytes[c], is_signed), expected) << c;
      }
    }
  }
}

}  // namespace
}  // namespace attar::test::int8_finish_test
