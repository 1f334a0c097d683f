// SPDX-License-Identifier: MIT
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "gzip_file.hpp"
#include "scratch.hpp"
#include <attar/io/gzip.hpp>

namespace attar::gzip_test {
namespace {

using namespace attar;
using namespace attar::test;

std::string unpacked(std::string_view file, std::size_t bytes, std::size_t step) {
  std::string text(bytes, '\0');
  detail::GzipReader reader{bytes_of(file), "x"};
  for (std::size_t at = 0; at < bytes; at += step)
    reader.read(std::as_writable_bytes(std::span{text}.subspan(at, std::min(step, bytes - at))));
  reader.finish();
  return text;
}

TEST(GzipReader, UnpacksInAnySteps) {
  std::string text;
  for (int i = 0; i < 5'000; ++i) text += std::to_string(i * i);
  const std::string file = packed(text);
  for (const std::size_t step : {std::size_t{1}, std::size_t{7}, std::size_t{1'000}, text.size()})
    EXPECT_TRUE(unpacked(file, text.size(), step) == text) << step;
  EXPECT_EQ(unpacked(packed(""), 0, 1), "");
}

TEST(GzipReader, KnowsItsFiles) {
  EXPECT_TRUE(detail::is_gzip(bytes_of(packed("text"))));
  for (const std::string_view other : {"", "\x1f", "\x1f\x8c", "PK\3\4"})
    EXPECT_FALSE(detail::is_gzip(bytes_of(other)));
}

TEST(GzipReader, TheBoundHoldsForTheBestCompression) {
  for (const std::size_t length : {std::size_t{0}, std::size_t{1}, std::size_t{1'000}, std::size_t{5'000'000}}) {
    const std::string file = packed(std::string(length, '\0'));
    EXPECT_GE(detail::GzipReader(bytes_of(file), "x").most_bytes(), length);
  }
}

TEST(GzipReader, ABombIsUnpackedOnlyAsFarAsAsked) {
  const std::string bomb = packed(std::string(10'000'000, '\0'));
  ASSERT_LT(bomb.size(), 12'000U);
  expect_error(ErrorCode::file_damaged, "more of them than their header says", [&] { (void)unpacked(bomb, 100, 100); });
}

TEST(GzipReader, NoDamagePasses) {
  const std::string text = "A text to pack, with a text to pack in it.";
  const std::string file = packed(text);
  for (std::size_t length = 0; length < file.size(); ++length)
    EXPECT_TRUE(error_of([&] { (void)unpacked(file.substr(0, length), text.size(), 8); })) << length;
  expect_error(ErrorCode::file_damaged, "3 bytes after the packed data",
               [&] { (void)unpacked(file + "abc", text.size(), 8); });
  expect_error(ErrorCode::file_damaged, "1 more bytes",
               [&] { (void)unpacked(file, text.size() + 1, text.size() + 1); });
  expect_error(ErrorCode::file_damaged, "more of them", [&] { (void)unpacked(file, text.size() - 1, 8); });

  std::string wrong_sum = file;
  wrong_sum[wrong_sum.size() - 8] = static_cast<char>(wrong_sum[wrong_sum.size() - 8] ^ 1);
  expect_error(ErrorCode::file_damaged, "incorrect data check", [&] { (void)unpacked(wrong_sum, text.size(), 8); });
  std::string wrong_length = file;
  wrong_length[wrong_length.size() - 4] = static_cast<char>(wrong_length[wrong_length.size() - 4] ^ 1);
  expect_error(ErrorCode::file_damaged, "incorrect length check",
               [&] { (void)unpacked(wrong_length, text.size(), 8); });
}

}  // namespace
}  // namespace attar::gzip_test
