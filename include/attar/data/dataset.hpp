// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <numeric>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <attar/core/aligned_buffer.hpp>
#include <attar/core/error.hpp>
#include <attar/core/rng.hpp>
#include <attar/core/shape.hpp>
#include <attar/data/normalization.hpp>  // IWYU pragma: export
#include <attar/detail/whole_range.hpp>
#include <attar/io/checksum.hpp>

namespace attar {

/// Labelled images: unsigned bytes, one image after the other, each NHWC (height, width, channels), and one class per
/// image. A view on shared memory: copies, `take` and `drop` cost nothing and stay valid on their own.
class Dataset {
 public:
  /// Checks that there are labels.size() images of that shape, that each label is in [0, classes) and that the
  /// normalization has one finite mean and one positive deviation per channel. Throws `Error` with `invalid_data`.
  Dataset(Shape shape, int classes, AlignedBuffer<std::uint8_t> images, std::vector<int> labels,
          Normalization normalization)
      : content_{std::make_shared<Content>(
            Content{shape, classes, std::move(images), std::move(labels), std::move(normalization)})},
        size_{content_->labels.size()} {
    check();
  }

  /// The number of images.
  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  [[nodiscard]] Shape shape() const noexcept { return content_->shape; }
  [[nodiscard]] int classes() const noexcept { return content_->classes; }
  [[nodiscard]] const Normalization& normalization() const noexcept { return content_->normalization; }

  /// The pixels of image i, i < size().
  [[nodiscard]] std::span<const std::uint8_t> image(std::size_t i) const noexcept {
    return images().subspan(i * shape().size(), shape().size());
  }
  /// The pixels of all images, one after the other.
  [[nodiscard]] std::span<const std::uint8_t> images() const noexcept {
    return content_->images.span().subspan(first_ * shape().size(), size_ * shape().size());
  }
  /// The class of image i, i < size().
  [[nodiscard]] int label(std::size_t i) const noexcept { return labels()[i]; }
  [[nodiscard]] std::span<const int> labels() const noexcept {
    return std::span{content_->labels}.subspan(first_, size_);
  }

  /// The first `count` images, or all if there are fewer.
  [[nodiscard]] Dataset take(std::size_t count) const {
    Dataset part{*this};
    part.size_ = std::min(count, size_);
    return part;
  }
  /// All but the first `count` images.
  [[nodiscard]] Dataset drop(std::size_t count) const {
    Dataset part{*this};
    part.first_ += std::min(count, size_);
    part.size_ -= std::min(count, size_);
    return part;
  }
  /// The same images in a random order, copied. `data.shuffled(Seed{1}).drop(5000)` and `.take(5000)` give a set to
  /// train with and one to validate on.
  [[nodiscard]] Dataset shuffled(Seed seed) const {
    std::vector<std::size_t> order(size_);
    std::iota(order.begin(), order.end(), std::size_t{0});
    Rng{seed}.shuffle(std::span{order});
    AlignedBuffer<std::uint8_t> pixels{images().size()};
    std::vector<int> classes_of(size_);
    for (std::size_t i = 0; i < size_; ++i) {
      detail::copy(image(order[i]), pixels.data() + i * shape().size());
      classes_of[i] = label(order[i]);
    }
    return Dataset{shape(), classes(), std::move(pixels), std::move(classes_of), normalization()};
  }

  /// A number that tells this content (sizes, pixels, labels and their order) from any other, for reports and caches.
  [[nodiscard]] std::uint64_t fingerprint() const noexcept {
    Checksum checksum;
    for (const int value : {shape().channels, shape().height, shape().width, classes()})
      checksum.add(static_cast<std::uint64_t>(value));
    return checksum.add(std::as_bytes(labels())).add(std::as_bytes(images())).value();
  }

 private:
  struct Content {
    Shape shape;
    int classes;
    AlignedBuffer<std::uint8_t> images;
    std::vector<int> labels;
    Normalization normalization;
  };

  void check() const {
    const auto require = [](bool condition, const char* subject, std::string expected, std::string found) {
      if (!condition)
        raise(
            Error{ErrorCode::invalid_data, std::string{"data set, "} + subject, std::move(expected), std::move(found)});
    };
    const auto& [shape, classes, images, labels, normalization] = *content_;
    require(shape.channels > 0 && shape.height > 0 && shape.width > 0, "shape", "positive sizes", to_string(shape));
    require(classes > 0, "classes", "at least one", std::to_string(classes));
    require(images.size() % shape.size() == 0 && images.size() / shape.size() == labels.size(), "images",
            std::to_string(labels.size()) + " of " + std::to_string(shape.size()) + " bytes, one per label",
            std::to_string(images.size()) + " bytes");
    const auto wrong = detail::find_if(labels, [&](int label) { return label < 0 || label >= classes; });
    if (wrong != labels.end())
      require(false, "labels", "classes from 0 to " + std::to_string(classes - 1),
              std::to_string(*wrong) + " for image " + std::to_string(wrong - labels.begin()));
    require_normalization(normalization, static_cast<std::size_t>(shape.channels), "data set, normalization");
  }

  std::shared_ptr<const Content> content_;
  std::size_t first_ = 0;
  std::size_t size_ = 0;
};

/// What a published data set comes as.
struct Split {
  Dataset train;
  Dataset test;
};

}  // namespace attar
