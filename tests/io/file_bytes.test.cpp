// SPDX-License-Identifier: MIT
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "scratch.hpp"
#include <attar/core/error.hpp>
#include <attar/io/file.hpp>
#include <attar/io/file_bytes.hpp>

namespace attar::file_bytes_test {
namespace {

using namespace attar;
using namespace attar::test;

std::string text_of(const FileBytes& bytes) {
  return {reinterpret_cast<const char*>(bytes.span().data()), bytes.span().size()};
}

TEST(FileBytes, AreAllOfTheFile) {
  const Scratch scratch;
  const std::string content(100'001, 'x');
  put(scratch / "a", content);
  put(scratch / "empty", "");
  EXPECT_EQ(text_of(FileBytes::open(scratch / "a")), content);
  EXPECT_TRUE(FileBytes::open(scratch / "empty").span().empty());
  EXPECT_TRUE(FileBytes{}.span().empty());
}

TEST(FileBytes, CanBeBorrowed) {
  const std::string_view text = "content";
  const FileBytes bytes{bytes_of(text)};
  EXPECT_EQ(static_cast<const void*>(bytes.span().data()), text.data());
  EXPECT_EQ(text_of(bytes), text);
}

TEST(FileBytes, AreSharedByCopiesAndOutliveTheFile) {
  const Scratch scratch;
  put(scratch / "a", "content");
  const FileBytes copy = [&] {
    const FileBytes opened = FileBytes::open(scratch / "a");
    FileBytes other = opened;
    EXPECT_EQ(other.span().data(), opened.span().data());
    return other;
  }();
  write_file_atomically(scratch / "a", "another");
  EXPECT_EQ(text_of(copy), "content");
  std::filesystem::remove(scratch / "a");
  EXPECT_EQ(text_of(copy), "content");
}

TEST(FileBytes, AreNotReadBeforeTheyAreLookedAt) {
  const Scratch scratch;
  put(scratch / "a", "begin");
  std::error_code refused;
  std::filesystem::resize_file(scratch / "a", std::uintmax_t{1} << 40, refused);
  if (refused) GTEST_SKIP() << "this file system has no sparse files of that size";
  const FileBytes bytes = FileBytes::open(scratch / "a");
  EXPECT_EQ(bytes.span().size(), std::size_t{1} << 40);
  EXPECT_EQ(bytes.span()[4], std::byte{'n'});
  EXPECT_EQ(bytes.span().back(), std::byte{0});
}

TEST(FileBytes, RefuseWhatIsNoFile) {
  const Scratch scratch;
  ASSERT_EQ(::mkfifo((scratch / "fifo").c_str(), 0600), 0);
  expect_error(ErrorCode::file_not_found, "no such", [&] { (void)FileBytes::open(scratch / "no such"); });
  expect_error(ErrorCode::file_access, "a directory", [&] { (void)FileBytes::open(scratch.folder()); });
  expect_error(ErrorCode::file_access, "a FIFO", [&] { (void)FileBytes::open(scratch / "fifo"); });
}

}  // namespace
}  // namespace attar::file_bytes_test
