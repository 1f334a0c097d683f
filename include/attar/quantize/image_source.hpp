// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <optional>
#include <span>
#include <string>

#include <attar/core/aligned_buffer.hpp>
#include <attar/core/error.hpp>
#include <attar/core/shape.hpp>
#include <attar/data/dataset.hpp>
#include <attar/data/normalizer.hpp>
#include <attar/detail/whole_range.hpp>

namespace attar::detail {

/// Images to calibrate with, of a `Dataset` or as normalized floats: `source(first, to, count)` writes `count` of them,
/// normalized, from number `first` on, one after the other, height x width x channels. Holds a view of the images.
class ImageSource {
 public:
  /// `what` the images are for, for messages. Throws `Error`: `architecture_mismatch` for images of another shape than
  /// `shape`, `invalid_data` without images.
  ImageSource(const Dataset& images, const Shape& shape, const std::string& what)
      : images_{&images}, size_{shape.size()}, count_{images.size()} {
    if (images.shape() != shape) {
      raise(Error{ErrorCode::architecture_mismatch, what, to_string(shape), to_string(images.shape())});
    }
    require_some(what);
    normalize_.emplace(images.shape(), images.normalization());
  }
  /// The same for floats, any number of images.
  ImageSource(std::span<const float> images, const Shape& shape, const std::string& what)
      : floats_{images}, size_{shape.size()}, count_{images.size() / size_} {
    if (images.size() % size_ != 0) {
      raise(Error{ErrorCode::architecture_mismatch, what, "a multiple of " + std::to_string(size_),
                  std::to_string(images.size()) + " numbers"});
    }
    require_some(what);
  }

  /// How many images there are; at least one.
  [[nodiscard]] std::size_t count() const noexcept { return count_; }

  void operator()(std::size_t first, float* to, std::size_t count) const {
    if (images_ == nullptr) {
      detail::copy(floats_.subspan(first * size_, count * size_), to);
      return;
    }
    for (std::size_t i = 0; i < count; ++i) (*normalize_)(images_->image(first + i), std::span{to + i * size_, size_});
  }

 private:
  void require_some(const std::string& what) const {
    if (count_ == 0) raise(Error{ErrorCode::invalid_data, what, "at least one", "none"});
  }

  const Dataset* images_ = nullptr;
  std::optional<Normalizer> normalize_;
  std::span<const float> floats_;
  std::size_t size_;
  std::size_t count_;
};

/// Runs all images through a session, of floats or integers: `observe(first, value, numbers)` gets what the program
/// computes of each batch, and `visit(numbers)` its logits, of real images only; `first` is the number of the first.
template <class Session, class Observe, class Visit>
void run_images(const Session& session, const ImageSource& source, Observe&& observe, Visit&& visit) {
  auto context = session.make_context();
  const auto batch = static_cast<std::size_t>(session.batch());
  AlignedBuffer<float> images{session.input_size()};
  AlignedBuffer<float> logits{session.output_size()};
  for (std::size_t first = 0; first < source.count(); first += batch) {
    const std::size_t present = std::min(batch, source.count() - first);
    source(first, images.data(), present);
    session.run(images.data(), logits.data(), context, [&](int value, auto numbers) {
      observe(first, value, numbers.first(numbers.size() / batch * present));
    });
    visit(logits.span().first(logits.size() / batch * present));
  }
}

}  // namespace attar::detail
