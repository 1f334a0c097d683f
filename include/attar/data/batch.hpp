// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <attar/core/aligned_buffer.hpp>
#include <attar/core/shape.hpp>

namespace attar {

/// Images that are ready for a network, with their labels. The memory is for `capacity` images and is used again for
/// batch after batch; the last batch of an epoch may have fewer.
class Batch {
 public:
  Batch(Shape shape, std::size_t capacity)
      : shape_{shape}, pixels_{capacity * shape.size()}, labels_(capacity), indices_(capacity), size_{capacity} {}

  /// The number of images, at least 1.
  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  [[nodiscard]] Shape shape() const noexcept { return shape_; }
  /// Normalized, NHWC.
  [[nodiscard]] std::span<const float> images() const noexcept { return pixels_.span().first(size_ * shape_.size()); }
  [[nodiscard]] std::span<float> images() noexcept { return pixels_.span().first(size_ * shape_.size()); }
  /// The numbers of one image.
  [[nodiscard]] std::span<float> image(std::size_t i) noexcept {
    return images().subspan(i * shape_.size(), shape_.size());
  }
  [[nodiscard]] std::span<const int> labels() const noexcept { return std::span{labels_}.first(size_); }
  [[nodiscard]] std::span<int> labels() noexcept { return std::span{labels_}.first(size_); }
  /// Where each image stands in the data set.
  [[nodiscard]] std::span<const std::uint32_t> indices() const noexcept { return std::span{indices_}.first(size_); }
  [[nodiscard]] std::span<std::uint32_t> indices() noexcept { return std::span{indices_}.first(size_); }
  /// The epoch it belongs to; with an image's index it names how the image was augmented.
  [[nodiscard]] std::uint64_t epoch() const noexcept { return epoch_; }

  /// Makes this a batch of `size` images (at most the capacity) of an epoch, to be filled.
  void reset(std::size_t size, std::uint64_t epoch) noexcept {
    size_ = size;
    epoch_ = epoch;
  }

 private:
  Shape shape_;
  AlignedBuffer<float> pixels_;
  std::vector<int> labels_;
  std::vector<std::uint32_t> indices_;
  std::size_t size_;
  std::uint64_t epoch_ = 0;
};

}  // namespace attar
