// SPDX-License-Identifier: MIT
#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "../support/tiny_data.hpp"
#include <attar/quantize/image_source.hpp>

namespace attar::test::image_source_test {
namespace {

constexpr Shape shape{1, 8, 8};

TEST(ImageSource, GivesDatasetsNormalized) {
  const Dataset data = corners(5);
  const detail::ImageSource source{data, shape, "images"};
  EXPECT_EQ(source.count(), 5U);
  std::vector<float> found(2 * 64 + 1, -7);
  source(3, found.data(), 2);
  for (std::size_t i = 0; i < 128; ++i) {
    EXPECT_NEAR(found[i], (data.image(3 + i / 64)[i % 64] / 255.0F - 0.3F) / 0.2F, 1e-5);
  }
  EXPECT_EQ(found[128], -7);
}

TEST(ImageSource, GivesFloatsAsTheyAre) {
  std::vector<float> images(3 * 64);
  for (std::size_t i = 0; i < images.size(); ++i) images[i] = static_cast<float>(i);
  const detail::ImageSource source{std::span<const float>{images}, shape, "images"};
  EXPECT_EQ(source.count(), 3U);
  std::vector<float> found(128);
  source(1, found.data(), 2);
  EXPECT_EQ(found, (std::vector<float>{images.begin() + 64, images.end()}));
}

TEST(ImageSource, RefusesNoneAndOthers) {
  const auto refused = [](ErrorCode code, auto&& images) {
    try {
      const detail::ImageSource source{images, shape, "images for a test"};
      ADD_FAILURE();
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), code);
      EXPECT_EQ(error.subject(), "images for a test");
    }
  };
  const std::vector<float> odd(65);
  refused(ErrorCode::architecture_mismatch, std::span<const float>{odd});
  refused(ErrorCode::invalid_data, std::span<const float>{});
  refused(ErrorCode::invalid_data, corners(8).take(0));
  EXPECT_THROW((detail::ImageSource{corners(4), Shape{3, 8, 8}, "images"}), Error);
}

}  // namespace
}  // namespace attar::test::image_source_test
