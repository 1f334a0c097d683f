// SPDX-License-Identifier: MIT
#include <cstddef>
#include <cstdint>
#include <vector>

#include <gtest/gtest.h>

#include <attar/core/rng.hpp>
#include <attar/data/augment.hpp>
#include <attar/data/normalizer.hpp>

namespace attar::normalizer_test {
namespace {

using namespace attar;

/// A small image with a different byte in each place.
struct Picture {
  explicit Picture(Shape size)
      : shape{size}, pixels(shape.size()), normalizer{shape, normalization()}, output(shape.size(), -99.0F) {
    for (std::size_t i = 0; i < pixels.size(); ++i) pixels[i] = static_cast<std::uint8_t>((i * 37 + 11) % 256);
  }

  [[nodiscard]] Normalization normalization() const {
    Normalization result;
    for (int c = 0; c < shape.channels; ++c) {
      result.mean.push_back(0.1F + 0.2F * static_cast<float>(c));
      result.deviation.push_back(0.5F - 0.1F * static_cast<float>(c));
    }
    return result;
  }
  /// What stands at a place of the image, black outside of it.
  [[nodiscard]] double expected(int y, int x, int c) const {
    const bool inside = y >= 0 && y < shape.height && x >= 0 && x < shape.width;
    const double byte = inside ? pixels[static_cast<std::size_t>((y * shape.width + x) * shape.channels + c)] : 0;
    return (byte / 255 - (0.1 + 0.2 * c)) / (0.5 - 0.1 * c);
  }
  [[nodiscard]] float found(int y, int x, int c) const {
    return output[static_cast<std::size_t>((y * shape.width + x) * shape.channels + c)];
  }
  void expect(const Placement& placement) {
    normalizer(pixels, output, placement);
    for (int y = 0; y < shape.height; ++y) {
      for (int x = 0; x < shape.width; ++x) {
        const bool cut =
            y >= placement.cut_top && y < placement.cut_bottom && x >= placement.cut_left && x < placement.cut_right;
        const int from = (placement.flipped ? shape.width - 1 - x : x) + placement.shift_x;
        for (int c = 0; c < shape.channels; ++c) {
          const double value = cut ? 0.0 : expected(y + placement.shift_y, from, c);
          ASSERT_NEAR(found(y, x, c), value, 1e-6) << y << ", " << x << ", " << c;
        }
      }
    }
  }

  Shape shape;
  std::vector<std::uint8_t> pixels;
  Normalizer normalizer;
  std::vector<float> output;
};

class NormalizerOfShape : public ::testing::TestWithParam<Shape> {
 protected:
  Picture picture_{GetParam()};
};
INSTANTIATE_TEST_SUITE_P(Shapes, NormalizerOfShape,
                         ::testing::Values(Shape{1, 5, 7}, Shape{3, 6, 4}, Shape{3, 1, 1}, Shape{4, 3, 9}));

TEST_P(NormalizerOfShape, NormalizesEachChannel) {
  picture_.expect({});
}

TEST_P(NormalizerOfShape, Mirrors) {
  picture_.expect({.flipped = true});
}

TEST_P(NormalizerOfShape, ShiftsAndPads) {
  for (const bool flipped : {false, true}) {
    for (int y = -7; y <= 7; ++y) {
      for (int x = -10; x <= 10; ++x) picture_.expect({.shift_y = y, .shift_x = x, .flipped = flipped});
    }
  }
}

TEST_P(NormalizerOfShape, Erases) {
  const Shape shape = GetParam();
  picture_.expect({.cut_bottom = shape.height, .cut_right = 1});
  picture_.expect({.shift_x = 1, .flipped = true, .cut_bottom = 1, .cut_right = shape.width});
}

TEST_P(NormalizerOfShape, DoesWhatAugmentationDraws) {
  const Augmentation augmentation{.flip = true, .crop_padding = 2, .cutout = 3};
  for (std::uint64_t index = 0; index < 100; ++index) {
    picture_.expect(augmentation.draw(GetParam(), Seed{1}, 0, index));
  }
}

TEST_P(NormalizerOfShape, MirroringTwiceIsNothing) {
  Picture mirrored{GetParam()};
  const std::size_t channels = static_cast<std::size_t>(GetParam().channels);
  const auto width = static_cast<std::size_t>(GetParam().width);
  for (std::size_t i = 0; i < mirrored.pixels.size(); ++i) {
    const std::size_t x = i / channels % width;
    mirrored.pixels[i] = picture_.pixels[i + channels * (width - 1 - x) - channels * x];
  }
  picture_.normalizer(picture_.pixels, picture_.output);
  mirrored.normalizer(mirrored.pixels, mirrored.output, {.flipped = true});
  EXPECT_EQ(mirrored.output, picture_.output);  // Bit by bit: both paths compute the same.
}

}  // namespace
}  // namespace attar::normalizer_test
