// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <attar/detail/whole_range.hpp>

namespace attar {

/// The smallest and the largest of some numbers.
struct ValueRange {
  float smallest = 0;
  float largest = 0;

  friend bool operator==(const ValueRange&, const ValueRange&) = default;
};

/// What calibration learns of the numbers of one feature map: the smallest, the largest, a histogram of magnitudes, and
/// the range of each image. Numbers are only counted and compared, never summed up, so the result does not depend on
/// how images are divided into batches, bit by bit; and but for the order of `images()`, not on the order of images.
class ValueStatistics {
 public:
  /// The histogram has at least half as many bins up to the largest magnitude.
  static constexpr std::size_t bins = 4096;

  /// Takes numbers in, which must be finite: those of `images` images of one size, one after the other.
  void add(std::span<const float> numbers, std::size_t images = 1) {
    if (numbers.empty()) return;
    const std::size_t size = numbers.size() / images;
    for (std::size_t i = 0; i < images; ++i) {
      const auto image = numbers.subspan(i * size, size);
      const auto [least, most] = std::minmax_element(image.begin(), image.end());
      images_.push_back({*least, *most});
    }
    const auto [low, high] = std::minmax_element(numbers.begin(), numbers.end());
    smallest_ = std::min(smallest_, *low);
    largest_ = std::max(largest_, *high);
    cover(std::max(-*low, *high));
    const float bins_per_unit = std::ldexp(static_cast<float>(bins), -exponent_);
    for (const float number : numbers) {
      const float magnitude = std::abs(number);
      // Any scale represents zero exactly, and after a ReLU zeros would outweigh all else.
      if (magnitude > 0) ++counts_[std::min(static_cast<std::size_t>(magnitude * bins_per_unit), bins - 1)];
    }
  }

  /// The smallest and the largest number, 0 included.
  [[nodiscard]] float smallest() const noexcept { return smallest_; }
  [[nodiscard]] float largest() const noexcept { return largest_; }
  /// The largest magnitude.
  [[nodiscard]] float magnitude() const noexcept { return std::max(-smallest_, largest_); }
  /// How many magnitudes above 0 fell into each bin: bin i holds [i, i + 1) times `bin_width()`.
  [[nodiscard]] std::span<const std::uint64_t> histogram() const noexcept { return counts_; }
  /// The range of each image, in the order in which they came.
  [[nodiscard]] std::span<const ValueRange> images() const noexcept { return detail::span_of(images_); }
  [[nodiscard]] float bin_width() const noexcept { return std::ldexp(1.0F / static_cast<float>(bins), exponent_); }

 private:
  /// Widens the histogram to at least `magnitude`. Its width is a power of two, so a wider one joins whole bins, as if
  /// it had been that wide from the beginning.
  void cover(float magnitude) noexcept {
    int exponent = 0;
    std::frexp(magnitude, &exponent);  // magnitude < 2^exponent
    if (magnitude == 0 || exponent <= exponent_) return;
    for (; exponent_ < exponent; ++exponent_) {
      for (std::size_t i = 0; i < bins / 2; ++i) counts_[i] = counts_[2 * i] + counts_[2 * i + 1];
      std::fill(counts_.begin() + bins / 2, counts_.end(), std::uint64_t{0});
    }
  }

  float smallest_ = 0;
  float largest_ = 0;
  int exponent_ = -100;
  std::array<std::uint64_t, bins> counts_{};
  std::vector<ValueRange> images_{};
};

}  // namespace attar
