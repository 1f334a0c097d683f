// SPDX-License-Identifier: MIT
#include <limits>
#include <vector>

#include <gtest/gtest.h>

#include <attar/model/mask.hpp>

namespace attar::mask_test {
namespace {

using Net = Sequential<Input<4, 1, 1>, Linear<3>>;

TEST(Mask, ZeroesWhatItHolds) {
  Mask<Net> mask;
  mask.drop(1);
  std::vector<float> numbers(Net::program.trainable_size, 2.0F);
  numbers[1] = std::numeric_limits<float>::quiet_NaN();
  mask(std::span{numbers});
  EXPECT_EQ(numbers[0], 2);
  EXPECT_EQ(numbers[1], 0);
  EXPECT_EQ(numbers[2], 2);
  EXPECT_FALSE(mask.keeps(1));
  EXPECT_TRUE(mask.keeps(2));
}

TEST(Mask, RefusesAnotherSize) {
  std::vector<float> numbers(3);
  try {
    Mask<Net>{}(std::span{numbers});
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::architecture_mismatch);
  }
}

}  // namespace
}  // namespace attar::mask_test
