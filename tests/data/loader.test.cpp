// SPDX-License-Identifier: MIT
#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <memory>
#include <numeric>
#include <set>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include <attar/core/aligned_buffer.hpp>
#include <attar/core/error.hpp>
#include <attar/data/loader.hpp>

namespace attar::loader_test {
namespace {

using namespace attar;

static_assert(std::input_iterator<Loader::Epoch::Iterator>);

/// Image i has the bytes i, i + 1, ... and the label i % 10.
Dataset numbered(std::size_t count) {
  const Shape shape{3, 4, 4};
  AlignedBuffer<std::uint8_t> images{count * shape.size()};
  std::vector<int> labels(count);
  for (std::size_t i = 0; i < count; ++i) {
    for (std::size_t k = 0; k < shape.size(); ++k) images[i * shape.size() + k] = static_cast<std::uint8_t>(i + k);
    labels[i] = static_cast<int>(i % 10);
  }
  return Dataset{shape, 10, std::move(images), std::move(labels), {{0.5F, 0.5F, 0.5F}, {0.25F, 0.25F, 0.25F}}};
}

/// Everything that the batches of an epoch hold.
struct Content {
  std::vector<std::size_t> sizes;
  std::vector<std::uint32_t> indices;
  std::vector<int> labels;
  std::vector<float> pixels;
  friend bool operator==(const Content&, const Content&) = default;
};

Content read(Loader& loader, std::uint64_t epoch, std::chrono::microseconds pause = {}) {
  Content content;
  for (const Batch& batch : loader.epoch(epoch)) {
    EXPECT_EQ(batch.epoch(), epoch);
    content.sizes.push_back(batch.size());
    content.indices.insert(content.indices.end(), batch.indices().begin(), batch.indices().end());
    content.labels.insert(content.labels.end(), batch.labels().begin(), batch.labels().end());
    content.pixels.insert(content.pixels.end(), batch.images().begin(), batch.images().end());
    if (pause.count() > 0) std::this_thread::sleep_for(pause);
  }
  return content;
}

const LoaderOptions training{
    .batch_size = 8, .augmentation = {.flip = true, .crop_padding = 1, .cutout = 2}, .seed = Seed{5}, .shuffle = true};

TEST(Loader, GoesThroughTheDataInOrder) {
  Loader loader{numbered(20), {.batch_size = 8}};
  EXPECT_EQ(loader.batches(), 3U);
  EXPECT_EQ(loader.images(), 20U);
  const Content content = read(loader, 0);
  EXPECT_EQ(content.sizes, (std::vector<std::size_t>{8, 8, 4}));
  for (std::uint32_t i = 0; i < 20; ++i) {
    EXPECT_EQ(content.indices[i], i);
    EXPECT_EQ(content.labels[i], static_cast<int>(i % 10));
    EXPECT_NEAR(content.pixels[i * 48], (i / 255.0 - 0.5) / 0.25, 1e-6);
    EXPECT_NEAR(content.pixels[i * 48 + 47], ((i + 47) / 255.0 - 0.5) / 0.25, 1e-6);
  }
  EXPECT_EQ(read(loader, 1), content);
}

TEST(Loader, DropsTheLastImages) {
  Loader loader{numbered(20), {.batch_size = 8, .drop_last = true}};
  EXPECT_EQ(loader.batches(), 2U);
  EXPECT_EQ(loader.images(), 16U);
  EXPECT_EQ(read(loader, 0).sizes, (std::vector<std::size_t>{8, 8}));
}

TEST(Loader, ShuffledEpochsHaveEachImageOnce) {
  Loader loader{numbered(101), training};
  std::set<std::vector<std::uint32_t>> orders;
  for (std::uint64_t epoch = 0; epoch < 4; ++epoch) {
    const Content content = read(loader, epoch);
    for (std::size_t i = 0; i < 101; ++i) EXPECT_EQ(content.labels[i], static_cast<int>(content.indices[i] % 10));
    orders.insert(content.indices);
    std::vector<std::uint32_t> sorted = content.indices;
    std::ranges::sort(sorted);
    std::vector<std::uint32_t> all(101);
    std::iota(all.begin(), all.end(), 0U);
    EXPECT_EQ(sorted, all);
  }
  EXPECT_EQ(orders.size(), 4U);
}

TEST(Loader, DoesNotDependOnTiming) {
  Loader fast{numbered(50), training};
  Loader slow{numbered(50), training};
  for (std::uint64_t epoch = 0; epoch < 3; ++epoch) {
    EXPECT_EQ(read(fast, epoch), read(slow, epoch, std::chrono::microseconds{200}));
  }
}

TEST(Loader, DependsOnTheSeed) {
  LoaderOptions other = training;
  other.seed = Seed{6};
  Loader one{numbered(50), training};
  Loader two{numbered(50), other};
  EXPECT_NE(read(one, 0).indices, read(two, 0).indices);
}

TEST(Loader, ReplaysAnyEpoch) {
  Loader loader{numbered(50), training};
  std::vector<Content> epochs;
  for (std::uint64_t epoch = 0; epoch < 3; ++epoch) epochs.push_back(read(loader, epoch));
  for (const std::uint64_t epoch : {2U, 0U, 1U, 1U}) EXPECT_EQ(read(loader, epoch), epochs[epoch]);
}

// What a cache of a teacher's outputs rests on: image, epoch and seed are enough to make the input again.
TEST(Loader, AnImageCanBeMadeAgainFromItsIndexAndEpoch) {
  const Dataset data = numbered(50);
  Loader loader{data, training};
  const Normalizer normalizer{data.shape(), data.normalization()};
  std::vector<float> again(data.shape().size());
  for (const Batch& batch : loader.epoch(3)) {
    for (std::size_t i = 0; i < batch.size(); ++i) {
      const std::uint32_t index = batch.indices()[i];
      normalizer(data.image(index), again,
                 training.augmentation.draw(data.shape(), training.seed, batch.epoch(), index));
      EXPECT_TRUE(std::ranges::equal(again, batch.images().subspan(i * again.size(), again.size())));
    }
  }
}

TEST(Loader, TheSameImageIsAugmentedAnewInEachEpoch) {
  LoaderOptions options = training;
  options.shuffle = false;
  Loader loader{numbered(50), options};
  EXPECT_NE(read(loader, 0).pixels, read(loader, 1).pixels);
}

TEST(Loader, AnEpochCanBeLeftEarly) {
  Loader loader{numbered(50), training};
  Loader untouched{numbered(50), training};
  for (const Batch& batch : loader.epoch(0)) {
    EXPECT_EQ(batch.size(), 8U);
    break;
  }
  EXPECT_EQ(read(loader, 1), read(untouched, 1));
  for (const Batch& batch : loader.epoch(2)) {  // And the loader goes while its thread is at work.
    EXPECT_EQ(batch.size(), 8U);
    break;
  }
}

TEST(Loader, CanGoUnread) {
  const Loader loader{numbered(50), training};
}

TEST(Loader, OutlivesTheDataItWasGiven) {
  auto data = std::make_unique<Dataset>(numbered(30));
  Loader loader{data->take(20), {.batch_size = 20}};
  data.reset();
  EXPECT_EQ(read(loader, 0).indices.size(), 20U);
}

TEST(Loader, RefusesWhatGivesNoBatch) {
  const auto code_of = [](std::size_t images, const LoaderOptions& options) {
    try {
      const Loader loader{numbered(images), options};
    } catch (const Error& error) {
      return error.code();
    }
    return ErrorCode::file_damaged;
  };
  EXPECT_EQ(code_of(10, {.batch_size = 0}), ErrorCode::invalid_argument);
  EXPECT_EQ(code_of(0, {.batch_size = 8}), ErrorCode::invalid_argument);
  EXPECT_EQ(code_of(7, {.batch_size = 8, .drop_last = true}), ErrorCode::invalid_argument);
  EXPECT_EQ(code_of(7, {.augmentation = {.crop_padding = -1}}), ErrorCode::invalid_argument);
  EXPECT_EQ(code_of(7, {.augmentation = {.cutout = -1}}), ErrorCode::invalid_argument);
}

}  // namespace
}  // namespace attar::loader_test
