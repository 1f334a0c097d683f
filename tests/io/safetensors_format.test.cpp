// SPDX-License-Identifier: MIT
#include <set>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include <attar/core/dtype.hpp>
#include <attar/io/safetensors_format.hpp>

namespace attar::safetensors_format_test {
namespace {

using namespace attar;

TEST(SafetensorsFormat, NamesEachOfOurTypes) {
  for (const auto& [dtype, name] :
       {std::pair{DType::f64, "F64"}, std::pair{DType::f32, "F32"}, std::pair{DType::bf16, "BF16"},
        std::pair{DType::s32, "I32"}, std::pair{DType::s8, "I8"}, std::pair{DType::u8, "U8"}}) {
    EXPECT_EQ(detail::safetensors_name(dtype), name);
    const auto* type = detail::find_type(name);
    ASSERT_NE(type, nullptr) << name;
    EXPECT_EQ(type->dtype, dtype);
    EXPECT_EQ(type->bits, 8 * size_of(dtype)) << name;
  }
}

TEST(SafetensorsFormat, KnowsTheOthersByNameOnly) {
  std::set<std::string_view> names;
  for (const auto& type : detail::safetensors_types) names.insert(type.name);
  EXPECT_EQ(names.size(), detail::safetensors_types.size());
  ASSERT_NE(detail::find_type("I64"), nullptr);
  EXPECT_EQ(detail::find_type("I64")->dtype, std::nullopt);
  for (const char* name : {"", "f32", "F32 ", "I128", "F"}) EXPECT_EQ(detail::find_type(name), nullptr) << name;
}

TEST(SafetensorsFormat, TheHeaderChecksumLeavesOutItsOwnDigits) {
  const std::string front = R"({"__metadata__":{"attar.header_checksum":")";
  const std::string header = front + R"(0000000000000000"}}  )";
  const auto digits = detail::find_header_checksum(header);
  ASSERT_EQ(digits, front.size());
  const auto checksum = detail::header_checksum(header, digits);
  std::string signed_header = header;
  signed_header.replace(digits, 16, checksum);
  EXPECT_EQ(detail::header_checksum(signed_header, digits), checksum);
  signed_header.back() = '\n';
  EXPECT_NE(detail::header_checksum(signed_header, digits), checksum);
}

TEST(SafetensorsFormat, FindsNoChecksumInATextOrBeyondTheEnd) {
  for (const std::string_view header :
       {"", "{}", R"({"attar.header_checksum": "0000000000000000"})",
        R"({"a":"\"attar.header_checksum\":\"0000000000000000\""})", R"({"attar.header_checksum":"000000000000000)"}) {
    EXPECT_EQ(detail::find_header_checksum(header), header.npos) << header;
  }
}

}  // namespace
}  // namespace attar::safetensors_format_test
