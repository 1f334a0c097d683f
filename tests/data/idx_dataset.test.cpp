// SPDX-License-Identifier: MIT
#include <string>

#include <gtest/gtest.h>

#include "../io/gzip_file.hpp"
#include "../io/scratch.hpp"
#include <attar/data/idx_dataset.hpp>

namespace attar::idx_dataset_test {
namespace {

using namespace attar;
using namespace attar::test;

TEST(IdxDataset, JoinsImagesAndLabels) {
  const Scratch scratch;
  put(scratch / "images", packed(raw_idx({2, 1, 3}, "abcdef")));
  put(scratch / "labels", raw_idx({2}, std::string_view{"\1\0", 2}));
  const Dataset data = load_idx_dataset(scratch / "images", scratch / "labels", 2, Normalization{{0.5F}, {2}});
  EXPECT_EQ(data.shape(), (Shape{1, 1, 3}));
  EXPECT_EQ(data.size(), 2U);
  EXPECT_EQ(data.image(1)[0], 'd');
  EXPECT_EQ(data.label(0), 1);
  EXPECT_EQ(data.normalization(), (Normalization{{0.5F}, {2}}));
}

TEST(IdxDataset, AFourthSizeIsTheChannels) {
  const Scratch scratch;
  put(scratch / "images", raw_idx({1, 2, 1, 3}, "abcdef"));
  put(scratch / "labels", raw_idx({1}, "\1"));
  const Dataset data = load_idx_dataset(scratch / "images", scratch / "labels", 2, Normalization{{0, 0, 0}, {1, 1, 1}});
  EXPECT_EQ(data.shape(), (Shape{3, 2, 1}));
}

TEST(IdxDataset, RefusesFilesThatDoNotBelongTogether) {
  const Scratch scratch;
  const auto refused = [&](ErrorCode code, std::string_view telling, std::string_view images, std::string_view labels) {
    put(scratch / "images", images);
    put(scratch / "labels", labels);
    expect_error(code, telling,
                 [&] { (void)load_idx_dataset(scratch / "images", scratch / "labels", 2, Normalization{{0}, {1}}); });
  };
  const std::string images = raw_idx({2, 1, 3}, "abcdef");
  const std::string labels = raw_idx({2}, "\1\1");
  refused(ErrorCode::invalid_data, "labels: expected 2 labels, one per image, found 3", images, raw_idx({3}, "\1\1\1"));
  refused(ErrorCode::invalid_data, "labels: expected labels from 0 to 1, found 2 for image 1", images,
          raw_idx({2}, "\1\2"));
  refused(ErrorCode::invalid_data, "images: expected images: 3 or 4 dimensions, found 1", labels, images);
  refused(ErrorCode::invalid_data, "labels: expected labels: 1 dimension, found 3", images, images);
  refused(ErrorCode::file_damaged, "images: expected", images.substr(1), labels);
  refused(ErrorCode::file_damaged, "labels: expected", images, labels + "x");
  std::filesystem::remove(scratch / "labels");
  expect_error(ErrorCode::file_not_found, "labels",
               [&] { (void)load_idx_dataset(scratch / "images", scratch / "labels", 2, Normalization{{0}, {1}}); });
}

}  // namespace
}  // namespace attar::idx_dataset_test
