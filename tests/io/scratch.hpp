// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <gtest/gtest.h>
#include <stdlib.h>

#include <attar/core/error.hpp>

namespace attar::test {

/// A folder of its own for each test, gone with it.
class Scratch {
 public:
  Scratch() {
    std::string name = (std::filesystem::temp_directory_path() / "attar-test-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw std::filesystem::filesystem_error{"mkdtemp", {}};
    folder_ = name;
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  ~Scratch() { std::filesystem::remove_all(folder_); }

  [[nodiscard]] const std::filesystem::path& folder() const { return folder_; }
  [[nodiscard]] std::filesystem::path operator/(std::string_view name) const { return folder_ / name; }

  /// How many files and folders it holds.
  [[nodiscard]] std::ptrdiff_t count() const {
    return std::distance(std::filesystem::directory_iterator{folder_}, std::filesystem::directory_iterator{});
  }

 private:
  std::filesystem::path folder_;
};

inline void put(const std::filesystem::path& path, std::string_view content) {
  std::ofstream{path, std::ios::binary} << content;
}

[[nodiscard]] inline std::string get(const std::filesystem::path& path) {
  std::ifstream file{path, std::ios::binary};
  return {std::istreambuf_iterator<char>{file}, {}};
}

[[nodiscard]] inline std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span{text});
}

/// The error that a call throws, if any.
template <class Call>
[[nodiscard]] std::optional<Error> error_of(Call&& call) {
  try {
    call();
  } catch (const Error& error) {
    return error;
  }
  return std::nullopt;
}

/// Expects an `Error` of that code whose message contains `telling`.
template <class Call>
void expect_error(ErrorCode code, std::string_view telling, Call&& call) {
  const auto error = error_of(call);
  ASSERT_TRUE(error) << "no error, but expected one that says: " << telling;
  EXPECT_EQ(error->code(), code) << error->what();
  EXPECT_NE(std::string_view{error->what()}.find(telling), std::string_view::npos)
      << "'" << telling << "' is not in: " << error->what();
}

}  // namespace attar::test
