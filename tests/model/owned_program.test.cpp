// SPDX-License-Identifier: MIT
#include <utility>

#include <gtest/gtest.h>

#include "../support/same_program.hpp"
#include <attar/model/owned_program.hpp>
#include <attar/model/sequential.hpp>

namespace attar::test::owned_program_test {
namespace {

using Net = Sequential<Input<3, 8, 8>, Conv2d<5, Kernel<3>>, BatchNorm2d, Tag<"here">, Residual<Conv2d<5, Bias>>,
                       SqueezeExcite<2>, Dropout<Rate<1, 5>>, Flatten, Linear<4>>;

TEST(OwnedProgram, HasTheTablesThatTheCompilerMakes) {
  OwnedProgram owned{detail::build<Net::InputLayer, Net::Body>()};
  expect_same_program(owned.view(), Net::program);
  const OwnedProgram moved = std::move(owned);
  expect_same_program(moved.view(), Net::program);
}

}  // namespace
}  // namespace attar::test::owned_program_test
