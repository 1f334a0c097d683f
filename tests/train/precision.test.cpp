// SPDX-License-Identifier: MIT
#include <type_traits>

#include <gtest/gtest.h>

#include <attar/train/precision.hpp>

namespace attar {
namespace {

TEST(Precision, SaysWhatActivationsAreKeptIn) {
  EXPECT_TRUE((std::is_same_v<Fp32::Storage, float>));
  EXPECT_EQ(sizeof(Bf16::Storage), 2U);
}

}  // namespace
}  // namespace attar
