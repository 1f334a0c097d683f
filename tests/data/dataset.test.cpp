// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <numeric>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "../io/scratch.hpp"
#include <attar/data/dataset.hpp>

namespace attar::dataset_test {
namespace {

using namespace attar;
using attar::test::expect_error;

AlignedBuffer<std::uint8_t> counting(std::size_t count) {
  AlignedBuffer<std::uint8_t> values{count};
  std::iota(values.begin(), values.end(), std::uint8_t{0});
  return values;
}

/// Five images of 1 x 2 pixels with 2 channels; pixel values count up, labels are 0 1 2 0 1.
Dataset small() {
  return {Shape{2, 1, 2}, 3, counting(20), {0, 1, 2, 0, 1}, Normalization{{0.5F, 0.25F}, {1, 2}}};
}

TEST(Dataset, GivesImagesAndLabels) {
  const Dataset data = small();
  EXPECT_EQ(data.size(), 5U);
  EXPECT_EQ(data.shape(), (Shape{2, 1, 2}));
  EXPECT_EQ(data.classes(), 3);
  EXPECT_EQ(data.normalization(), (Normalization{{0.5F, 0.25F}, {1, 2}}));
  EXPECT_EQ(data.images().size(), 20U);
  EXPECT_EQ(data.image(3).size(), 4U);
  EXPECT_EQ(data.image(3)[1], 13);
  EXPECT_EQ(data.label(2), 2);
  EXPECT_EQ(data.labels().size(), 5U);
}

TEST(Dataset, TakeAndDropPartItWithoutCopying) {
  const Dataset data = small();
  const Dataset head = data.take(2);
  const Dataset tail = data.drop(2);
  EXPECT_EQ(head.size(), 2U);
  EXPECT_EQ(tail.size(), 3U);
  EXPECT_EQ(head.images().data(), data.images().data());
  EXPECT_EQ(tail.images().data(), data.image(2).data());
  EXPECT_EQ(tail.label(0), 2);
  EXPECT_EQ(tail.drop(1).take(1).image(0)[0], 12);
  EXPECT_EQ(tail.take(1).drop(1).size(), 0U);
}

TEST(Dataset, TakeAndDropStopAtTheEnd) {
  EXPECT_EQ(small().take(100).size(), 5U);
  EXPECT_EQ(small().drop(100).size(), 0U);
  EXPECT_EQ(small().drop(3).take(100).size(), 2U);
  EXPECT_EQ(small().take(2).drop(1).take(100).size(), 1U) << "a view must not grow back";
  EXPECT_TRUE(small().drop(5).images().empty());
}

TEST(Dataset, AViewOutlivesTheDataset) {
  std::optional<Dataset> data = small();
  const Dataset view = data->drop(4);
  data.reset();
  EXPECT_EQ(view.image(0)[3], 19);
  EXPECT_EQ(view.label(0), 1);
}

TEST(Dataset, MayBeEmpty) {
  const Dataset data{Shape{1, 2, 2}, 2, {}, {}, Normalization{{0}, {1}}};
  EXPECT_EQ(data.size(), 0U);
  EXPECT_TRUE(data.images().empty());
  EXPECT_EQ(data.shuffled(Seed{1}).size(), 0U);
}

TEST(Dataset, ShuffledKeepsEachImageWithItsLabel) {
  AlignedBuffer<std::uint8_t> pixels = counting(200);
  std::vector<int> labels(200);
  std::ranges::copy(pixels, labels.begin());
  const Dataset data{Shape{1, 1, 1}, 200, std::move(pixels), std::move(labels), Normalization{{0}, {1}}};
  const Dataset mixed = data.drop(10).shuffled(Seed{1});
  ASSERT_EQ(mixed.size(), 190U);
  std::set<int> seen;
  for (std::size_t i = 0; i < mixed.size(); ++i) {
    EXPECT_EQ(mixed.image(i)[0], mixed.label(i));
    seen.insert(mixed.label(i));
  }
  EXPECT_EQ(seen.size(), 190U);
  EXPECT_EQ(*seen.begin(), 10);
  EXPECT_FALSE(std::ranges::equal(mixed.labels(), data.drop(10).labels()));
  EXPECT_EQ(mixed.fingerprint(), data.drop(10).shuffled(Seed{1}).fingerprint());
  EXPECT_NE(mixed.fingerprint(), data.drop(10).shuffled(Seed{2}).fingerprint());
}

TEST(Dataset, TheFingerprintTellsContentsApart) {
  const auto print = [](Shape shape, int classes, std::uint8_t first, int label) {
    auto pixels = counting(8);
    pixels[0] = first;
    return Dataset{shape,
                   classes,
                   std::move(pixels),
                   {0, label},
                   {std::vector<float>(static_cast<std::size_t>(shape.channels)),
                    std::vector<float>(static_cast<std::size_t>(shape.channels), 1.0F)}}
        .fingerprint();
  };
  const std::set<std::uint64_t> prints{print({1, 2, 2}, 3, 0, 1), print({1, 4, 1}, 3, 0, 1), print({4, 1, 1}, 3, 0, 1),
                                       print({1, 2, 2}, 4, 0, 1), print({1, 2, 2}, 3, 1, 1), print({1, 2, 2}, 3, 0, 2)};
  EXPECT_EQ(prints.size(), 6U);
  EXPECT_EQ(print({1, 2, 2}, 3, 0, 1), print({1, 2, 2}, 3, 0, 1));
  EXPECT_EQ(small().drop(1).take(2).fingerprint(), small().take(3).drop(1).fingerprint());
}

TEST(Dataset, RefusesDataThatCannotBeRight) {
  const Normalization one{{0}, {1}};
  const auto refused = [](std::string_view telling, Shape shape, int classes, std::size_t bytes,
                          std::vector<int> labels, const Normalization& normalization) {
    expect_error(ErrorCode::invalid_data, telling,
                 [&] { (void)Dataset{shape, classes, counting(bytes), std::move(labels), normalization}; });
  };
  refused("positive sizes, found 0x2x2", {0, 2, 2}, 2, 4, {0}, one);
  refused("positive sizes, found 1x-2x2", {1, -2, 2}, 2, 4, {0}, one);
  refused("at least one, found 0", {1, 2, 2}, 0, 4, {0}, one);
  refused("2 of 4 bytes, one per label, found 4 bytes", {1, 2, 2}, 2, 4, {0, 1}, one);
  refused("1 of 4 bytes, one per label, found 8 bytes", {1, 2, 2}, 2, 8, {0}, one);
  refused("1 of 4 bytes, one per label, found 7 bytes", {1, 2, 2}, 2, 7, {0}, one);
  refused("classes from 0 to 1, found 2 for image 1", {1, 1, 1}, 2, 2, {0, 2}, one);
  refused("classes from 0 to 1, found -1 for image 0", {1, 1, 1}, 2, 2, {-1, 0}, one);
  refused("1 means and deviations, one of each per channel, found 3 and 1", {1, 1, 1}, 2, 1, {0}, {{0, 0, 0}, {1}});
  refused("found 1 and 0", {1, 1, 1}, 2, 1, {0}, {{0}, {}});
  refused("finite means", {1, 1, 1}, 2, 1, {0}, {{std::nanf("")}, {1}});
  refused("positive deviations", {1, 1, 1}, 2, 1, {0}, {{0}, {0}});
  refused("positive deviations", {1, 1, 1}, 2, 1, {0}, {{0}, {std::numeric_limits<float>::infinity()}});
}

}  // namespace
}  // namespace attar::dataset_test
