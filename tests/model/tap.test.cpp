// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <attar/model/sequential.hpp>
#include <attar/model/tap.hpp>

namespace attar::tap_test {
namespace {

using Block = Stack<Conv2d<4, Kernel<3>>, BatchNorm2d, ReLU>;
using Net = Sequential<Input<1, 8, 8>, Block, Residual<Stack<Conv2d<4, Kernel<3>>, BatchNorm2d>>, ReLU, Tag<"seen">,
                       MaxPool2d<2>, Block, Block, Block, Block, Block, Block, GlobalAvgPool, Linear<3>>;

Shape shape_at(std::string_view where) {
  return Net::program.shape(tapped_value(Net::program, where));
}

TEST(Tap, FindsTagsAndPlaces) {
  EXPECT_EQ(tapped_value(Net::program, "seen"), tapped_value(Net::program, "2"));
  EXPECT_EQ(shape_at("seen"), (Shape{4, 8, 8}));
  EXPECT_EQ(shape_at("4"), (Shape{4, 4, 4}));
  EXPECT_EQ(shape_at("11"), (Shape{4, 1, 1}));
}

TEST(Tap, OfAStackIsItsLastLayer) {
  EXPECT_EQ(tapped_value(Net::program, "0"), tapped_value(Net::program, "0.2"));
  EXPECT_NE(tapped_value(Net::program, "0"), tapped_value(Net::program, "0.1"));
}

TEST(Tap, OfAResidualIsItsSum) {
  const int sum = tapped_value(Net::program, "1");
  EXPECT_NE(sum, tapped_value(Net::program, "1.main"));
  EXPECT_LT(sum, tapped_value(Net::program, "2"));
}

TEST(Tap, PlacesAreNotPrefixesOfNumbers) {
  EXPECT_NE(tapped_value(Net::program, "1"), tapped_value(Net::program, "12"));
}

TEST(Tap, IsNotFoundWhereThereIsNone) {
  EXPECT_EQ(find_tap(Net::program, "other"), -1);
  EXPECT_EQ(find_tap(Net::program, "99"), -1);
}

}  // namespace
}  // namespace attar::tap_test
