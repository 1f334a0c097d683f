// SPDX-License-Identifier: MIT
#include <cstddef>
#include <vector>

#include <gtest/gtest.h>

#include <attar/backend/kernels/winograd_rows.hpp>
#include <attar/core/aligned_buffer.hpp>
#include <attar/core/shape.hpp>

namespace attar::detail::winograd_rows_test {
namespace {

TEST(WinogradRows, BlocksCoverTheBatch) {
  for (const Shape& shape : {Shape{16, 32, 32}, Shape{32, 7, 5}, Shape{64, 1, 1}, Shape{16, 3, 200}}) {
    const int batch = 5;
    const WinogradRows<float> maps{batch, shape, shape, {1, 1}};
    const AlignedBuffer<float> input(static_cast<std::size_t>(batch) * shape.size());
    AlignedBuffer<float> to(winograd::points * maps.point_stride(maps.in_channels()));
    std::size_t tiles = 0;
    for (std::size_t block = 0; block < maps.blocks(); ++block) {
      const std::size_t count = maps.transform_input(block, input.data(), to.data());
      EXPECT_LE(count, maps.block_tiles());
      tiles += count;
    }
    EXPECT_EQ(tiles, 5U * static_cast<std::size_t>((shape.height + 1) / 2 * ((shape.width + 1) / 2)));
  }
}

TEST(WinogradRows, OutputIsWrittenToEveryPixelOnceAndNowhereElse) {
  const Shape shape{16, 5, 7};  // The last row and column of tiles reach beyond the map.
  const int batch = 3;
  const WinogradRows<float> maps{batch, shape, shape, {1, 1}};
  // With these products every result is 1: At m A picks point (0, 0) once for the upper left one only, so use the point
  // that all four share with weight 1: (1, 1).
  AlignedBuffer<float> products(winograd::points * maps.point_stride(16));
  for (std::size_t i = 0; i < maps.block_tiles() * 16; ++i) products[5 * maps.point_stride(16) + i] = 1.0F;
  const std::size_t size = batch * shape.size();
  AlignedBuffer<float> output(size + 64);
  for (std::size_t block = 0; block < maps.blocks(); ++block) {
    maps.transform_output(block, products.data(), output.data(), true);
  }
  for (std::size_t i = 0; i < output.size(); ++i) ASSERT_EQ(output[i], i < size ? 1.0F : 0.0F) << i;
}

TEST(WinogradRows, PointsOfATileDoNotShareASetOfTheCache) {
  const WinogradRows<float> maps{8, {64, 8, 8}, {64, 8, 8}, {1, 1}};
  EXPECT_NE(maps.point_stride(64) * sizeof(float) % 4096, 0U);
}

}  // namespace
}  // namespace attar::detail::winograd_rows_test
