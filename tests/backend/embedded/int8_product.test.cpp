// SPDX-License-Identifier: MIT
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include <gtest/gtest.h>

#include "../../support/int8_steps.hpp"
#include "plain_product.hpp"
#include <attar/backend/embedded/int8_product.hpp>

namespace attar::test::int8_product_test {
namespace {

/// As other steps are, which bind what they read.
template <detail::ProductShape S, Activation Function, bool FloatOutput>
struct Bound {
  detail::Int8Product product;
  [[nodiscard]] std::size_t scratchpad_bytes() const { return detail::Int8Product::scratchpad_bytes(S); }
  [[nodiscard]] detail::StepPointers bind(const detail::StepPointers& p) const { return p; }
  void execute(detail::StepPointers& p) const { product.execute<S, Function, FloatOutput>(p); }
};

/// All signs of input, output and residual, and zero points, against the plain interpreter, on extreme bytes.
template <detail::ProductShape S, Activation Function, bool HasResidual, bool FloatOutput>
void expect_exact() {
  Rng rng{Seed{1}};
  for (std::uint64_t signs = 0; signs < 16; ++signs) {
    detail::Int8Op op;
    op.op.kind = OpKind::conv2d;
    op.op.operand_count = 1;
    op.op.window = S.window;
    op.op.groups = S.groups;
    op.in = S.in;
    op.out = S.out;
    op.float_output = FloatOutput;
    op.signed_operands[0] = (signs & 1) != 0;
    op.signed_output = (signs & 2) != 0;
    if (HasResidual) {
      op.op.residual = 1;
      op.signed_residual = (signs & 4) != 0;
      op.residual_multiplier = detail::short_multiplier(0.3 + rng.uniform());
    }
    if (Function != Activation::none) {
      op.activation =
          Function == Activation::hard_swish ? detail::Int8Activation::hard_swish : detail::Int8Activation::clip;
      op.limit = Function == Activation::relu ? std::numeric_limits<float>::infinity() : 77.7F;
      op.slope = 0.0123F;
    }
    fill_zero_points(op, rng);
    const std::size_t depth = S.inputs() * static_cast<std::size_t>(S.window.kernel.height * S.window.kernel.width);
    fill_multipliers(op, 9000.0 * std::sqrt(depth), rng);
    std::vector<std::int8_t> weights(static_cast<std::size_t>(S.out.channels) * depth);
    constexpr int limit = S.weight_limit;
    for (std::int8_t& weight : weights)
      weight = static_cast<std::int8_t>(static_cast<int>(rng.below(2 * limit + 1)) - limit);
    const Bound<S, Function, FloatOutput> step{{S, op, weights}};
    SCOPED_TRACE(signs);
    expect_exact_step(op, 1, weights, step, Seed{signs});
  }
}

constexpr Window three{{3, 3}, {1, 1}, {1, 1}, {1, 1}};

TEST(Int8Product, IsExactlyThePlainInterpreter) {
  expect_exact<conv_shape<16, 8, 9, 16>(three), Activation::relu, true, false>();
  expect_exact<conv_shape<3, 9, 9, 21>({{3, 3}, {2, 2}, {1, 1}, {1, 1}}), Activation::relu6, false, false>();
  expect_exact<conv_shape<20, 5, 6, 33>(Window{}), Activation::none, true, false>();
  expect_exact<detail::ProductShape{{70, 1, 1}, {10, 1, 1}, {}, 1}, Activation::none, false, true>();
  expect_exact<conv_shape<4, 7, 7, 24>(three, 2), Activation::hard_swish, false, false>();
}

TEST(Int8Product, IsExactOnDepthwiseConvolutions) {
  expect_exact<conv_shape<16, 8, 9, 16>(three, 16), Activation::relu, true, false>();
  expect_exact<conv_shape<21, 9, 8, 21>({{5, 5}, {2, 2}, {2, 2}, {1, 1}}, 21), Activation::hard_sigmoid, false,
               false>();
}

// Of 64 and 40 channels images may be read in place, of 20 not.
TEST(Int8Product, IsExactWithNarrowWeights) {
  expect_exact<with_limit(conv_shape<64, 5, 6, 33>(Window{}), 63), Activation::relu, true, false>();
  expect_exact<with_limit(conv_shape<20, 5, 6, 16>(Window{}), 31), Activation::none, false, false>();
  expect_exact<with_limit(conv_shape<40, 6, 6, 16>({{1, 1}, {2, 2}, {0, 0}, {1, 1}}), 31), Activation::none, false,
               true>();
  expect_exact<with_limit(conv_shape<16, 8, 9, 16>({{3, 3}, {2, 2}, {1, 1}, {1, 1}}), 7), Activation::relu, true,
               false>();
}

template <int Limit>
void expect_largest_sums() {
  constexpr detail::ProductShape shape{{4096, 1, 1}, {1, 1, 1}, {}, 1, Limit};
  detail::Int8Op op;
  op.in = shape.in;
  op.out = shape.out;
  op.multiplier = {1};
  op.offset = {0};
  op.float_output = true;
  for (const bool is_signed : {false, true}) {
    op.signed_operands[0] = is_signed;
    const std::vector<std::int8_t> weights(4096, -Limit);
    const detail::Int8Product product{shape, op, weights};
    const std::vector<std::byte> image(4096, is_signed ? std::byte{128} : std::byte{255});
    AlignedBuffer<std::byte> scratchpad{detail::Int8Product::scratchpad_bytes(shape)};
    float result = 0;
    detail::StepPointers p;
    p.inputs[0] = image.data();
    p.output = reinterpret_cast<std::byte*>(&result);
    p.scratchpad = scratchpad.data();
    product.execute<shape, Activation::none, true>(p);
    EXPECT_EQ(result, is_signed ? 4096.0F * Limit * 128 : -4096.0F * Limit * 255);
  }
}

TEST(Int8Product, HoldsTheLargestSums) {
  expect_largest_sums<127>();
  expect_largest_sums<63>();
  expect_largest_sums<31>();
}

}  // namespace
}  // namespace attar::test::int8_product_test
