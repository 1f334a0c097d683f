// SPDX-License-Identifier: MIT
#include <cstddef>
#include <type_traits>

#include <gtest/gtest.h>

#include "plain_product.hpp"
#include <attar/backend/embedded/int8_method.hpp>

namespace attar::test::int8_method_test {
namespace {

using detail::Int8Method;

constexpr Window three{{3, 3}, {1, 1}, {1, 1}, {1, 1}};
/// Whether this CPU multiplies 16-bit numbers, for which fewer multiplications pay.
constexpr bool pairs = sizeof(detail::Int8Dot::Element) == 2;

TEST(Int8Method, IsWinogradsWhereItSavesMost) {
  EXPECT_EQ(detail::int8_method(conv_shape<64, 32, 32, 64>(three)), pairs ? Int8Method::winograd_4 : Int8Method::tiles);
  EXPECT_EQ(detail::int8_method(conv_shape<512, 4, 4, 512>(three)), pairs ? Int8Method::winograd_2 : Int8Method::tiles);
}

TEST(Int8Method, IsPlainWhereNothingElseIsPossibleOrPays) {
  EXPECT_EQ(detail::int8_method(conv_shape<64, 32, 32, 64>({{3, 3}, {2, 2}, {1, 1}, {1, 1}})), Int8Method::tiles);
  EXPECT_EQ(detail::int8_method(conv_shape<64, 32, 32, 64>(Window{})), Int8Method::tiles);
  EXPECT_EQ(detail::int8_method(conv_shape<1, 28, 28, 8>(three)), Int8Method::tiles);
  EXPECT_EQ(detail::int8_method(conv_shape<64, 32, 32, 64>(three, 64)), Int8Method::depthwise);
}

TEST(Int8Method, MultipliesNarrowWeightsAsBytesWhereThatIsFaster) {
  constexpr auto shape = conv_shape<64, 32, 32, 64>(Window{});
  const auto narrow = detail::has_narrow_dot ? Int8Method::narrow_tiles : Int8Method::tiles;
  EXPECT_EQ(detail::int8_method(shape), Int8Method::tiles);
  EXPECT_EQ(detail::int8_method(with_limit(shape, 64)), narrow);
  EXPECT_EQ(detail::int8_method(with_limit(shape, 65)), Int8Method::tiles);
  EXPECT_EQ(detail::int8_method(with_limit(shape, 31)), narrow);
  EXPECT_EQ(detail::int8_method(with_limit(conv_shape<64, 32, 32, 64>(three, 64), 31)), Int8Method::depthwise);
  EXPECT_EQ(detail::int8_method(with_limit(conv_shape<1, 28, 28, 16>(three), 31)), Int8Method::tiles)
      << "three numbers of a row would be padded to eight";
}

template <detail::ProductShape S>
void expect_plan_of_kernel() {
  detail::with_int8_plan(S, [](const auto& plan) {
    if constexpr (std::is_same_v<decltype(plan), decltype(detail::Int8Kernel<S>::plan)&>) {
      EXPECT_EQ(plan.packed_weights(), detail::Int8Kernel<S>::plan.packed_weights());
      EXPECT_EQ(plan.scratchpad_bytes(), detail::Int8Kernel<S>::plan.scratchpad_bytes());
    } else {
      ADD_FAILURE() << "the plan of another kernel";
    }
  });
}

// What is packed at run time is what the kernel, chosen by the compiler, reads.
TEST(Int8Method, HasOnePlanForPackingAndRunning) {
  expect_plan_of_kernel<conv_shape<64, 32, 32, 64>(three)>();
  expect_plan_of_kernel<conv_shape<512, 4, 4, 512>(three)>();
  expect_plan_of_kernel<conv_shape<64, 32, 32, 64>(three, 64)>();
  expect_plan_of_kernel<conv_shape<64, 32, 32, 64>(Window{})>();
  expect_plan_of_kernel<with_limit(conv_shape<64, 32, 32, 64>(Window{}), 63)>();
  expect_plan_of_kernel<with_limit(conv_shape<64, 32, 32, 64>(Window{}), 31)>();
}

}  // namespace
}  // namespace attar::test::int8_method_test
