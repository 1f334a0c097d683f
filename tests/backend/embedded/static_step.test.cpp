// SPDX-License-Identifier: MIT
#include <cstddef>
#include <cstdint>

#include <gtest/gtest.h>

#include "../../support/small_networks.hpp"
#include <attar/backend/embedded/static_program.hpp>
#include <attar/backend/embedded/static_step.hpp>

namespace attar::test::static_step_test {
namespace {

using Net = Sequential<Input<3, 8, 8>, Conv2d<16, Kernel<3>>, ReLU, Conv2d<16, Kernel<3>>, ReLU, Conv2d<16, Kernel<3>>,
                       ReLU, MaxPool2d<2>, Flatten, Linear<4>>;
using P = detail::StaticProgram<Net, std::int8_t>;

// Layers of one shape share their code, and only they.
template <class Steps>
constexpr detail::ProductShape shape_of(std::size_t op) {
  return Steps::shape_of(P::tables.ops[op], P::program);
}
using detail::FloatSteps;
using detail::Int8Steps;
static_assert(shape_of<FloatSteps>(1) == shape_of<FloatSteps>(2));
static_assert(shape_of<FloatSteps>(0) != shape_of<FloatSteps>(1));
static_assert(shape_of<Int8Steps<127>>(1) == shape_of<Int8Steps<127>>(2));
static_assert(shape_of<Int8Steps<127>>(1) != shape_of<Int8Steps<63>>(1));

TEST(FloatSteps, KeepsProductsAndOthersInOrder) {
  using F = detail::StaticProgram<Net, float>;
  const Network<Net> network{Seed{1}};
  const detail::FloatSteps steps{F::ops(), Net::program, network.buffer()};
  EXPECT_EQ(steps.products.size(), 4U);
  EXPECT_EQ(steps.kernels.size(), 2U);
  EXPECT_EQ(F::tables.places[3], 0U) << "the pooling";
  EXPECT_EQ(F::tables.places[5], 3U) << "the linear layer";
  EXPECT_EQ(detail::FloatProduct::kernel_name({}), "attar tiles, float");
  EXPECT_EQ(steps.kernels[0].kernel_name(), "attar kernel");
}

}  // namespace
}  // namespace attar::test::static_step_test
