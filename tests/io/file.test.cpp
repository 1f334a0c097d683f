// SPDX-License-Identifier: MIT
#include <array>
#include <csignal>
#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "scratch.hpp"
#include <attar/core/error.hpp>
#include <attar/io/file.hpp>

namespace attar::file_test {
namespace {

using namespace attar;
using namespace attar::test;

std::string text_of(const AlignedBuffer<std::byte>& content) {
  return {reinterpret_cast<const char*>(content.data()), content.size()};
}

TEST(ReadFile, ReadsAll) {
  const Scratch scratch;
  const std::string content(100'000, 'x');
  put(scratch / "a", content);
  put(scratch / "empty", "");
  EXPECT_EQ(text_of(read_file(scratch / "a")), content);
  EXPECT_TRUE(read_file(scratch / "empty").empty());
}

TEST(ReadFile, FollowsLinks) {
  const Scratch scratch;
  put(scratch / "a", "content");
  std::filesystem::create_symlink(scratch / "a", scratch / "link");
  EXPECT_EQ(text_of(read_file(scratch / "link")), "content");
}

TEST(ReadFile, NamesTheMissingFile) {
  const Scratch scratch;
  put(scratch / "a", "content");
  for (const auto& path : {scratch / "no", scratch / "no/no", scratch / "a/no"}) {
    expect_error(ErrorCode::file_not_found, path.string(), [&] { (void)read_file(path); });
  }
}

TEST(ReadFile, RefusesWhatIsNoFile) {
  const Scratch scratch;
  ASSERT_EQ(::mkfifo((scratch / "fifo").c_str(), 0600), 0);
  expect_error(ErrorCode::file_access, "a directory", [&] { (void)read_file(scratch.folder()); });
  expect_error(ErrorCode::file_access, "a FIFO", [&] { (void)read_file(scratch / "fifo"); });
  expect_error(ErrorCode::file_access, "a device", [&] { (void)read_file("/dev/zero"); });
}

TEST(ReadFile, NeedsPermission) {
  const Scratch scratch;
  put(scratch / "a", "content");
  std::filesystem::permissions(scratch / "a", std::filesystem::perms::none);
  if (::access((scratch / "a").c_str(), R_OK) == 0) GTEST_SKIP() << "this user may read everything";
  expect_error(ErrorCode::file_access, "Permission denied", [&] { (void)read_file(scratch / "a"); });
}

TEST(ReadFile, NoticesAFileThatShrinks) {
  const Scratch scratch;
  put(scratch / "a", "0123456789");
  detail::InputFile file{scratch / "a"};
  EXPECT_EQ(file.size(), 10U);
  std::filesystem::resize_file(scratch / "a", 4);
  std::array<std::byte, 10> content{};
  expect_error(ErrorCode::file_access, "another program", [&] { file.read(content); });
}

TEST(WriteFile, WritesThePartsInOrder) {
  const Scratch scratch;
  const std::array parts{bytes_of("one "), bytes_of(""), bytes_of("two")};
  write_file_atomically(scratch / "a", parts);
  EXPECT_EQ(get(scratch / "a"), "one two");
  write_file_atomically(scratch / "a", "three");
  EXPECT_EQ(get(scratch / "a"), "three");
  EXPECT_EQ(scratch.count(), 1) << "a temporary file is left";
}

TEST(WriteFile, FollowsTheUmask) {
  const Scratch scratch;
  const auto old = ::umask(027);
  write_file_atomically(scratch / "a", "text");
  ::umask(old);
  EXPECT_EQ(std::filesystem::status(scratch / "a").permissions(), std::filesystem::perms{0640});
}

TEST(WriteFile, AcceptsANameWithoutFolder) {
  const Scratch scratch;
  const auto old = std::filesystem::current_path();
  std::filesystem::current_path(scratch.folder());
  write_file_atomically("a", "text");
  std::filesystem::current_path(old);
  EXPECT_EQ(get(scratch / "a"), "text");
}

TEST(WriteFile, ReplacesALinkAndNotWhatItLeadsTo) {
  const Scratch scratch;
  put(scratch / "old", "old");
  std::filesystem::create_symlink(scratch / "old", scratch / "link");
  write_file_atomically(scratch / "link", "new");
  EXPECT_EQ(get(scratch / "old"), "old");
  EXPECT_EQ(get(scratch / "link"), "new");
}

TEST(WriteFile, NeedsTheFolder) {
  const Scratch scratch;
  put(scratch / "file", "old");
  expect_error(ErrorCode::file_not_found, "no/a", [&] { write_file_atomically(scratch / "no/a", "text"); });
  expect_error(ErrorCode::file_not_found, "file/a", [&] { write_file_atomically(scratch / "file/a", "text"); });
  EXPECT_EQ(get(scratch / "file"), "old");
  EXPECT_EQ(scratch.count(), 1);
}

TEST(WriteFile, RefusesATargetThatIsNoFile) {
  const Scratch scratch;
  ASSERT_TRUE(std::filesystem::create_directory(scratch / "folder"));
  ASSERT_EQ(::mkfifo((scratch / "fifo").c_str(), 0600), 0);
  expect_error(ErrorCode::file_access, "a directory", [&] { write_file_atomically(scratch / "folder", "text"); });
  expect_error(ErrorCode::file_access, "a FIFO", [&] { write_file_atomically(scratch / "fifo", "text"); });
  expect_error(ErrorCode::file_access, "a device", [&] { write_file_atomically("/dev/full", "text"); });
  EXPECT_EQ(scratch.count(), 2);
}

TEST(WriteFile, RefusesATooLongName) {
  const Scratch scratch;
  expect_error(ErrorCode::file_access, "too long",
               [&] { write_file_atomically(scratch / std::string(255, 'x'), "text"); });
  EXPECT_EQ(scratch.count(), 0);
}

TEST(WriteFile, NeedsPermission) {
  const Scratch scratch;
  ASSERT_TRUE(std::filesystem::create_directory(scratch / "folder"));
  put(scratch / "folder/a", "old");
  std::filesystem::permissions(scratch / "folder",
                               std::filesystem::perms::owner_read | std::filesystem::perms::owner_exec);
  if (::access((scratch / "folder").c_str(), W_OK) != 0)
    expect_error(ErrorCode::file_access, "folder/a", [&] { write_file_atomically(scratch / "folder/a", "new"); });
  std::filesystem::permissions(scratch / "folder", std::filesystem::perms::owner_all);
  EXPECT_EQ(scratch.count(), 1);
}

/// Lets this process write no file longer than `bytes`, as if the disk were full behind them.
class FullDisk {
 public:
  explicit FullDisk(rlim_t bytes) : handler_{std::signal(SIGXFSZ, SIG_IGN)} {
    ::getrlimit(RLIMIT_FSIZE, &old_);
    rlimit limit = old_;
    limit.rlim_cur = bytes;
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  FullDisk(const FullDisk&) = delete;
  FullDisk& operator=(const FullDisk&) = delete;
  ~FullDisk() {
    ::setrlimit(RLIMIT_FSIZE, &old_);
    std::signal(SIGXFSZ, handler_);
  }

 private:
  rlimit old_{};
  void (*handler_)(int);
};

TEST(WriteFile, KeepsTheOldFileWhenTheDiskIsFull) {
  const Scratch scratch;
  put(scratch / "a", "old");
  const std::string big(100'000, 'x');
  for (const rlim_t room : {0U, 1U, 4'096U, 50'000U, 99'999U}) {
    const FullDisk full{room};
    const auto error = error_of([&] { write_file_atomically(scratch / "a", big); });
    ASSERT_TRUE(error) << room;
    EXPECT_EQ(error->code(), ErrorCode::file_access);
    EXPECT_EQ(error->subject(), (scratch / "a").string());
  }
  EXPECT_EQ(get(scratch / "a"), "old");
  EXPECT_EQ(scratch.count(), 1) << "a temporary file is left";
  const FullDisk enough{100'000};
  write_file_atomically(scratch / "a", big);
  EXPECT_EQ(get(scratch / "a"), big);
}

TEST(WriteFile, LeavesNothingWhenTheReplacementIsGivenUp) {
  const Scratch scratch;
  put(scratch / "a", "old");
  {
    detail::Replacement replacement{scratch / "a"};
    replacement.write(bytes_of("new"));
    EXPECT_EQ(scratch.count(), 2) << "the new file must lie beside the old one";
    EXPECT_EQ(get(scratch / "a"), "old");
  }
  EXPECT_EQ(scratch.count(), 1);
  EXPECT_EQ(get(scratch / "a"), "old");
}

TEST(WriteFile, LosesNothingWhenTheTargetBecomesAFolderMeanwhile) {
  const Scratch scratch;
  detail::Replacement replacement{scratch / "a"};
  replacement.write(bytes_of("new"));
  ASSERT_TRUE(std::filesystem::create_directory(scratch / "a"));
  expect_error(ErrorCode::file_access, "to put the new file in its place", [&] { replacement.commit(); });
}

TEST(WriteFile, PassesByAnotherTemporaryFile) {
  const Scratch scratch;
  detail::Replacement first{scratch / "a"};
  detail::Replacement second{scratch / "a"};
  first.write(bytes_of("first"));
  second.write(bytes_of("second"));
  second.commit();
  first.commit();
  EXPECT_EQ(get(scratch / "a"), "first");
  EXPECT_EQ(scratch.count(), 1);
}

TEST(WriteFile, ReadersSeeTheOldOrTheNewFile) {
  const Scratch scratch;
  const std::string contents[]{std::string(40'000, 'a'), std::string(70'000, 'b')};
  write_file_atomically(scratch / "a", contents[0]);
  std::thread writer{[&] {
    for (std::size_t i = 0; i < 50; ++i) write_file_atomically(scratch / "a", contents[i % 2]);
  }};
  for (int i = 0; i < 200; ++i) {
    const std::string seen = text_of(read_file(scratch / "a"));
    EXPECT_TRUE(seen == contents[0] || seen == contents[1]);
  }
  writer.join();
}

TEST(Printable, HidesControlCharactersAndCuts) {
  EXPECT_EQ(detail::printable("a\n\x1b[31m\xff z"), "a??[31m? z");
  EXPECT_EQ(detail::printable("123456", 3), "123...");
}

}  // namespace
}  // namespace attar::file_test
