// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <attar/layers/layers.hpp>
#include <attar/model/sequential.hpp>

namespace attar::tag_test {
namespace {

using Plain = Sequential<Input<1, 8, 8>, Conv2d<4, Kernel<3>>, ReLU, GlobalAvgPool, Linear<3>>;
using Tagged = Sequential<Input<1, 8, 8>, Conv2d<4, Kernel<3>>, ReLU, Tag<"seen">, GlobalAvgPool, Linear<3>>;

TEST(Tag, ComputesNothing) {
  EXPECT_EQ(Tagged::program.ops.size(), Plain::program.ops.size());
  EXPECT_EQ(Tagged::program.values.size(), Plain::program.values.size());
  EXPECT_EQ(Tagged::program.buffer_size, Plain::program.buffer_size);
}

TEST(Tag, IsARowThatNamesTheValueBeforeIt) {
  ASSERT_EQ(Tagged::program.rows.size(), 5U);
  const LayerRow& row = Tagged::program.rows[2];
  EXPECT_EQ(row.name, "Tag");
  EXPECT_EQ(row.tag, "seen");
  EXPECT_EQ(row.value, Tagged::program.rows[1].value);
  EXPECT_EQ(row.output, (Shape{4, 8, 8}));
}

}  // namespace
}  // namespace attar::tag_test
