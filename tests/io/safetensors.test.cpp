// SPDX-License-Identifier: MIT
#include <array>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <span>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "scratch.hpp"
#include <attar/io/safetensors.hpp>

namespace attar::safetensors_test {
namespace {

using namespace attar;
using namespace attar::test;

template <class T>
std::vector<T> values_of(const SafetensorsFile& file, std::string_view name) {
  const StoredTensor* tensor = file.find(name);
  if (tensor == nullptr) return {};
  std::vector<T> values(tensor->data.size() / sizeof(T));
  tensor->copy_to(std::span{values});
  return values;
}

TEST(Safetensors, EveryTypeSurvivesTheRoundTrip) {
  const Scratch scratch;
  const std::array<double, 2> f64{0.1, -1e300};
  const std::array<float, 3> f32{1.5F, std::numeric_limits<float>::infinity(), -0.0F};
  const std::array<bf16, 1> half{bf16{1.5F}};
  const std::array<std::int32_t, 2> s32{std::numeric_limits<std::int32_t>::min(), 7};
  const std::array<std::int8_t, 5> s8{-128, -1, 0, 1, 127};
  const std::array<std::uint8_t, 1> u8{255};
  const std::vector<TensorEntry> entries{{"u8", DType::u8, {}, std::as_bytes(std::span{u8})},
                                         {"s8", DType::s8, {5, 1}, std::as_bytes(std::span{s8})},
                                         {"s32", DType::s32, {2}, std::as_bytes(std::span{s32})},
                                         {"bf16", DType::bf16, {1, 1, 1, 1}, std::as_bytes(std::span{half})},
                                         {"f32", DType::f32, {3}, std::as_bytes(std::span{f32})},
                                         {"f64", DType::f64, {1, 2}, std::as_bytes(std::span{f64})},
                                         {"empty", DType::f32, {0, 4}, {}}};
  write_safetensors(scratch / "a", entries, {{"größe", "a \"text\"\n"}, {"", ""}});

  const auto file = SafetensorsFile::open(scratch / "a");
  ASSERT_EQ(file.tensors().size(), entries.size());
  for (const auto& entry : entries) {
    const StoredTensor* tensor = file.find(entry.name);
    ASSERT_NE(tensor, nullptr) << entry.name;
    EXPECT_EQ(tensor->dtype, entry.dtype);
    EXPECT_EQ(tensor->shape, entry.shape);
    EXPECT_TRUE(std::ranges::equal(tensor->data, entry.data)) << entry.name;
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(tensor->data.data()) % size_of(entry.dtype), 0U) << entry.name;
  }
  EXPECT_EQ(values_of<std::int8_t>(file, "s8"), (std::vector<std::int8_t>{-128, -1, 0, 1, 127}));
  EXPECT_EQ(file.metadata("größe"), "a \"text\"\n");
  EXPECT_EQ(file.metadata(""), "");
  EXPECT_EQ(file.metadata(metadata_key::format), "1");
  EXPECT_EQ(file.metadata("none"), std::nullopt);
}

TEST(Safetensors, AFileWithoutTensorsSurvivesTheRoundTrip) {
  const Scratch scratch;
  write_safetensors(scratch / "a", {});
  EXPECT_TRUE(SafetensorsFile::open(scratch / "a").tensors().empty());
}

TEST(Safetensors, WhatWasReadCanBeWrittenAgainWithItsMetadata) {
  const Scratch scratch;
  const std::array<float, 2> numbers{1, 2};
  const std::vector<TensorEntry> entries{{"a", DType::f32, {2}, std::as_bytes(std::span{numbers})}};
  write_safetensors(scratch / "a", entries, {{"k", "v"}});
  write_safetensors(scratch / "b", entries, SafetensorsFile::open(scratch / "a").metadata());
  EXPECT_EQ(get(scratch / "a"), get(scratch / "b"));
}

TEST(Safetensors, ReadsAFileThatPythonWrote) {
  const auto folder = std::filesystem::path{__FILE__}.parent_path() / "golden";
  const auto file = SafetensorsFile::open(folder / "python.safetensors");
  EXPECT_EQ(file.tensors().size(), 9U);
  EXPECT_EQ(file.metadata(), (Metadata{{"made by", "Python, \"safetensors\"\n"}, {"größe", "1"}}));
  EXPECT_EQ(values_of<float>(file, "conv.weight"),
            (std::vector<float>{-1.5F, -1.25F, -1, -0.75F, -0.5F, -0.25F, 0, 0.25F, 0.5F, 0.75F, 1, 1.25F}));
  EXPECT_EQ(file.find("conv.weight")->shape, (std::vector<std::int64_t>{2, 3, 1, 2}));
  EXPECT_EQ(values_of<double>(file, "conv.scale"), (std::vector<double>{0.1, 1e300}));
  EXPECT_EQ(values_of<std::int8_t>(file, "quantized"), (std::vector<std::int8_t>{-128, 127, 0}));
  EXPECT_EQ(values_of<std::uint8_t>(file, "image"), (std::vector<std::uint8_t>{0, 255, 7, 8, 9}));
  EXPECT_EQ(
      values_of<std::int32_t>(file, "bias"),
      (std::vector<std::int32_t>{std::numeric_limits<std::int32_t>::min(), std::numeric_limits<std::int32_t>::max()}));
  EXPECT_EQ(values_of<std::uint8_t>(file, "größe"), std::vector<std::uint8_t>{1});
  ASSERT_NE(file.find("empty"), nullptr);
  EXPECT_TRUE(file.find("empty")->data.empty());
  // Types that we do not compute with are there by name.
  const StoredTensor* batches = file.find("bn.num_batches_tracked");
  ASSERT_NE(batches, nullptr);
  EXPECT_EQ(batches->type, "I64");
  EXPECT_EQ(batches->dtype, std::nullopt);
  EXPECT_TRUE(batches->shape.empty());
  EXPECT_EQ(batches->data.size(), 8U);
  EXPECT_EQ(file.find("half")->type, "F16");
}

}  // namespace
}  // namespace attar::safetensors_test
