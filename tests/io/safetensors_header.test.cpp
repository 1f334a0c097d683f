// SPDX-License-Identifier: MIT
#include <cstdint>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "raw_safetensors.hpp"
#include "scratch.hpp"
#include <attar/io/safetensors_header.hpp>

namespace attar::safetensors_header_test {
namespace {

using namespace attar;
using namespace attar::test;
using detail::parse_header;

TEST(SafetensorsHeader, DescribesTheTensorsSortedByName) {
  const auto header =
      parse_header("{" + raw_tensor("b", "F32", "2,3", "4,28") + "," + raw_tensor("a", "I32", "", "0,4") +
                       R"(,"__metadata__":{"k":"v","":"\u0041\n"}}   )",
                   28, "x");
  ASSERT_EQ(header.tensors.size(), 2U);
  const auto& [a, b] = std::tie(header.tensors[0], header.tensors[1]);
  EXPECT_EQ(a.name, "a");
  EXPECT_EQ(a.type->name, "I32");
  EXPECT_TRUE(a.shape.empty());
  EXPECT_EQ(a.begin, 0U);
  EXPECT_EQ(a.end, 4U);
  EXPECT_EQ(b.name, "b");
  EXPECT_EQ(b.type->name, "F32");
  EXPECT_EQ(b.shape, (std::vector<std::int64_t>{2, 3}));
  EXPECT_EQ(b.begin, 4U);
  EXPECT_EQ(b.end, 28U);
  EXPECT_EQ(header.metadata, (Metadata{{"k", "v"}, {"", "A\n"}}));
}

TEST(SafetensorsHeader, AcceptsAnEmptyFile) {
  EXPECT_TRUE(parse_header("{}", 0, "x").tensors.empty());
  EXPECT_TRUE(parse_header(R"({"__metadata__":{}})", 0, "x").metadata.empty());
}

TEST(SafetensorsHeader, AcceptsKeysInAnyOrderAndSpaceBetweenThem) {
  const auto header = parse_header("{ \"a\" :\n\t{\"data_offsets\":[0, 1], \"shape\":[1], \"dtype\":\"U8\"} }", 1, "x");
  EXPECT_EQ(header.tensors.at(0).end, 1U);
}

TEST(SafetensorsHeader, TensorsWithoutElementsOwnNothingWhereverTheyStand) {
  for (const char* offsets : {"0,0", "4,4", "8,8"}) {
    const auto header =
        parse_header("{" + raw_tensor("z", "F32", "1", "0,4") + "," + raw_tensor("e", "F32", "5,0", offsets) + "," +
                         raw_tensor("f", "F32", "0", offsets) + "," + raw_tensor("a", "F32", "1", "4,8") + "}",
                     8, "x");
    EXPECT_EQ(header.tensors.size(), 4U);
  }
  expect_error(ErrorCode::file_damaged, "without gap or overlap", [] {
    (void)parse_header("{" + raw_tensor("z", "F32", "1", "0,4") + "," + raw_tensor("e", "F32", "0", "2,2") + "}", 4,
                       "x");
  });
}

TEST(SafetensorsHeader, CountsTypesSmallerThanAByte) {
  EXPECT_EQ(parse_header("{" + raw_tensor("a", "F4", "6", "0,3") + "}", 3, "x").tensors.size(), 1U);
  EXPECT_EQ(parse_header("{" + raw_tensor("a", "F6_E2M3", "4", "0,3") + "}", 3, "x").tensors.size(), 1U);
  expect_error(ErrorCode::file_damaged, "whole bytes",
               [] { (void)parse_header("{" + raw_tensor("a", "F4", "3", "0,2") + "}", 2, "x"); });
}

TEST(SafetensorsHeader, TheNumberOfDimensionsIsBounded) {
  std::string shape = "1";
  for (int i = 1; i < 64; ++i) shape += ",1";
  EXPECT_EQ(parse_header("{" + raw_tensor("a", "U8", shape, "0,1") + "}", 1, "x").tensors[0].shape.size(), 64U);
  expect_error(ErrorCode::unsupported, "at most 64 dimensions",
               [&] { (void)parse_header("{" + raw_tensor("a", "U8", shape + ",1", "0,1") + "}", 1, "x"); });
}

TEST(SafetensorsHeader, KeepsNamesAsTheyAre) {
  const auto header = parse_header("{" + raw_tensor(R"(../\u0000\n\"größe)", "U8", "1", "0,1") + "}", 1, "x");
  EXPECT_EQ(header.tensors[0].name, std::string("../\0\n\"größe", 13));
}

TEST(SafetensorsHeader, MessagesCarryNoControlCharacters) {
  const auto error =
      error_of([] { (void)parse_header("{" + raw_tensor(R"(\u001b[2J\u0000)", "F9", "1", "0,1") + "}", 1, "x"); });
  ASSERT_TRUE(error);
  EXPECT_EQ(error->subject(), "x, tensor '?[2J?'");
}

TEST(SafetensorsHeader, ManyTensorsTakeNoQuadraticTime) {
  std::string text = "{";
  for (int i = 0; i < 20'000; ++i) {
    text += raw_tensor(std::to_string(i), "U8", "1", std::to_string(i) + "," + std::to_string(i + 1)) + ",";
  }
  text.back() = '}';
  EXPECT_EQ(parse_header(text, 20'000, "x").tensors.size(), 20'000U);
}

}  // namespace
}  // namespace attar::safetensors_header_test
