// SPDX-License-Identifier: MIT
#include <utility>

#include <gtest/gtest.h>

#include <attar/data/batch.hpp>

namespace attar::batch_test {
namespace {

using namespace attar;

TEST(Batch, HasRoomForItsCapacity) {
  Batch batch{{3, 2, 2}, 4};
  EXPECT_EQ(batch.size(), 4U);
  EXPECT_EQ(batch.images().size(), 48U);
  EXPECT_EQ(batch.labels().size(), 4U);
  EXPECT_EQ(batch.indices().size(), 4U);
  EXPECT_EQ(batch.shape(), (Shape{3, 2, 2}));
}

TEST(Batch, MayHaveFewer) {
  Batch batch{{1, 2, 2}, 4};
  const float* memory = batch.images().data();
  batch.reset(3, 7);
  EXPECT_EQ(batch.size(), 3U);
  EXPECT_EQ(batch.epoch(), 7U);
  EXPECT_EQ(std::as_const(batch).images().size(), 12U);
  EXPECT_EQ(std::as_const(batch).labels().size(), 3U);
  EXPECT_EQ(std::as_const(batch).indices().size(), 3U);
  batch.reset(4, 8);
  EXPECT_EQ(batch.images().data(), memory);
}

TEST(Batch, ImagesStandOneAfterTheOther) {
  Batch batch{{1, 1, 2}, 3};
  batch.image(1)[0] = 5.0F;
  EXPECT_EQ(batch.images()[2], 5.0F);
}

}  // namespace
}  // namespace attar::batch_test
