// SPDX-License-Identifier: MIT
#include <type_traits>
#include <utility>

#include <gtest/gtest.h>

#include "../../support/small_networks.hpp"
#include <attar/backend/embedded/static_program.hpp>
#include <attar/backend/embedded/static_step.hpp>
#include <attar/model/fold_batch_norm.hpp>

namespace attar::test {
namespace {

using Net = Sequential<Input<3, 8, 8>, Conv2d<16, Kernel<3>>, ReLU, Conv2d<16, Kernel<3>>, ReLU, Conv2d<16, Kernel<3>>,
                       ReLU, MaxPool2d<2>, Flatten, Linear<4>>;
using P = detail::StaticProgram<Net, std::int8_t>;

template <std::size_t I>
using StepAt = decltype(detail::make_int8_step<P, I>(std::declval<const Int8Model&>(),
                                                     std::declval<const detail::Int8Preparer&>()));

// Layers of one shape share their code, and only they.
static_assert(std::is_same_v<StepAt<1>, StepAt<2>>);
static_assert(!std::is_same_v<StepAt<0>, StepAt<1>>);

TEST(StaticStep, SaysWhichKernelItIs) {
  const Network<Net> network{Seed{1}};
  using F = detail::StaticProgram<Net, float>;
  EXPECT_EQ((detail::make_float_step<F, 0>(Net::program, network.buffer()).kernel_name()), "attar tiles, float");
  EXPECT_EQ((detail::make_float_step<F, 3>(Net::program, network.buffer()).kernel_name()), "attar kernel");
}

}  // namespace
}  // namespace attar::test
