// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <limits>
#include <numeric>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <attar/core/error.hpp>
#include <attar/core/rng.hpp>
#include <attar/data/augment.hpp>
#include <attar/data/batch.hpp>
#include <attar/data/dataset.hpp>
#include <attar/data/normalizer.hpp>
#include <attar/data/prefetcher.hpp>

namespace attar {

/// How a `Loader` goes through a data set. The default is for evaluation: in order, nothing changed, nothing left out.
struct LoaderOptions {
  std::size_t batch_size = 128;
  Augmentation augmentation = {};
  Seed seed = {};          ///< Of the order and of the augmentation.
  bool shuffle = false;    ///< A new random order in each epoch.
  bool drop_last = false;  ///< Leaves out the images that do not fill a batch.
};

/// The batches of a data set, epoch after epoch, made on another thread while the caller works on the one before.
///
///     Loader loader{data.train, {.augmentation = {.flip = true}, .seed = Seed{1}, .shuffle = true, .drop_last =
///     true}}; for (const Batch& batch : loader.epoch(0)) ...
///
/// What a batch holds depends on the data set, the options, the epoch and its place in it alone, never on timing, and
/// an epoch can be asked for again. A loop may be left at any time. Memory is allocated once, for three batches.
class Loader {
 public:
  /// Throws `Error` with `invalid_argument` where an option is out of range or there would be no batch.
  Loader(Dataset data, const LoaderOptions& options)
      : data_{std::move(data)},
        options_{checked(options, data_)},
        normalizer_{data_.shape(), data_.normalization()},
        order_(data_.size()),
        batches_{options.drop_last ? data_.size() / options.batch_size
                                   : (data_.size() + options.batch_size - 1) / options.batch_size},
        prefetcher_{buffers(), [this](std::uint64_t position, Batch& batch) { fill(position, batch); }} {}

  /// The number of batches of an epoch.
  [[nodiscard]] std::size_t batches() const noexcept { return batches_; }
  /// The number of images of an epoch.
  [[nodiscard]] std::size_t images() const noexcept {
    return options_.drop_last ? batches_ * options_.batch_size : data_.size();
  }
  [[nodiscard]] const Dataset& data() const noexcept { return data_; }
  [[nodiscard]] const LoaderOptions& options() const noexcept { return options_; }

  class Epoch;
  /// The batches of an epoch, to be gone through once. Each is good until the next is asked for. Epochs in ascending
  /// order are the fast case: the first batches of the next are made while this one ends.
  [[nodiscard]] Epoch epoch(std::uint64_t epoch);

 private:
  static const LoaderOptions& checked(const LoaderOptions& options, const Dataset& data) {
    const auto require = [](bool valid, const char* what, const char* expected, auto found) {
      if (!valid) raise(Error{ErrorCode::invalid_argument, what, expected, std::to_string(found)});
    };
    require(options.batch_size > 0, "batch size", "at least 1", options.batch_size);
    require(options.augmentation.crop_padding >= 0, "crop padding", "at least 0", options.augmentation.crop_padding);
    require(options.augmentation.cutout >= 0, "side of the cutout", "at least 0", options.augmentation.cutout);
    require(data.size() <= std::numeric_limits<std::uint32_t>::max(), "data set", "at most 2^32 - 1 images",
            data.size());
    require(data.size() >= (options.drop_last ? options.batch_size : 1), "data set", "enough images for a batch",
            data.size());
    return options;
  }

  /// One with the reader, one ready, one in the making.
  [[nodiscard]] std::vector<Batch> buffers() const {
    return std::vector<Batch>(3, Batch{data_.shape(), std::min(options_.batch_size, data_.size())});
  }

  /// Runs on the prefetcher's thread alone.
  void fill(std::uint64_t position, Batch& batch) {
    const std::uint64_t epoch = position / batches_;
    const std::size_t first = static_cast<std::size_t>(position % batches_) * options_.batch_size;
    if (epoch != ordered_epoch_) {
      std::iota(order_.begin(), order_.end(), 0U);
      // Stream 2: the augmentation's begin with 1 (see Augmentation::draw).
      if (options_.shuffle) Rng{options_.seed, (std::uint64_t{2} << 60) | epoch}.shuffle(std::span{order_});
      ordered_epoch_ = epoch;
    }
    batch.reset(std::min(options_.batch_size, data_.size() - first), epoch);
    for (std::size_t i = 0; i < batch.size(); ++i) {
      const std::uint32_t index = order_[first + i];
      batch.indices()[i] = index;
      batch.labels()[i] = data_.label(index);
      normalizer_(data_.image(index), batch.image(i),
                  options_.augmentation.draw(data_.shape(), options_.seed, epoch, index));
    }
  }

  Dataset data_;
  LoaderOptions options_;
  Normalizer normalizer_;
  std::vector<std::uint32_t> order_;
  std::uint64_t ordered_epoch_ = std::numeric_limits<std::uint64_t>::max();
  std::size_t batches_;
  Prefetcher<Batch> prefetcher_;  ///< Last, for its thread uses all the others.
};

/// A single-pass range of batches.
class Loader::Epoch {
 public:
  class Iterator {
   public:
    using value_type = Batch;
    using difference_type = std::ptrdiff_t;

    explicit Iterator(Prefetcher<Batch>& source, std::size_t left) : source_{&source}, left_{left} { advance(); }
    const Batch& operator*() const noexcept { return *batch_; }
    const Batch* operator->() const noexcept { return batch_; }
    Iterator& operator++() {
      --left_;
      advance();
      return *this;
    }
    void operator++(int) { ++*this; }
    friend bool operator==(const Iterator& iterator, std::default_sentinel_t) noexcept { return iterator.left_ == 0; }

   private:
    void advance() {
      if (left_ > 0) batch_ = &source_->next();
    }

    Prefetcher<Batch>* source_;
    std::size_t left_;
    const Batch* batch_ = nullptr;
  };

  [[nodiscard]] Iterator begin() const { return Iterator{*source_, batches_}; }
  [[nodiscard]] static std::default_sentinel_t end() noexcept { return {}; }
  /// The number of batches.
  [[nodiscard]] std::size_t size() const noexcept { return batches_; }

 private:
  friend class Loader;
  Epoch(Prefetcher<Batch>& source, std::size_t batches) : source_{&source}, batches_{batches} {}

  Prefetcher<Batch>* source_;
  std::size_t batches_;
};

inline Loader::Epoch Loader::epoch(std::uint64_t epoch) {
  prefetcher_.seek(epoch * batches_);
  return Epoch{prefetcher_, batches_};
}

}  // namespace attar
