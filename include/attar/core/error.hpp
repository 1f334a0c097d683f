// SPDX-License-Identifier: MIT
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

namespace attar {

/// What kind of thing went wrong, for programs that decide by it. People read `Error::what()`.
enum class ErrorCode {
  file_not_found,         ///< A file or folder that was named does not exist.
  file_access,            ///< It exists, but opening, reading, writing or renaming failed.
  file_damaged,           ///< The content breaks the rules of its format.
  unsupported,            ///< Valid, but of a version, type or CPU feature that is not supported.
  architecture_mismatch,  ///< A file or a buffer belongs to another architecture.
  invalid_argument,       ///< An argument is outside of its documented range.
  invalid_data,           ///< Labels, images or calibration data that cannot be right.
  not_finite,             ///< NaN or infinity where a number was needed.
  out_of_memory,          ///< An allocation failed.
  backend_failure,        ///< The library underneath (oneDNN, zlib) reported an error.
  interrupted,            ///< The user asked to stop.
};

/// The one exception type of the library: a code, what it is about (a path, a tensor, an argument), what was expected
/// and what was found. `what()` joins them into one sentence: "SUBJECT: expected EXPECTED, found FOUND".
class Error : public std::runtime_error {
 public:
  Error(ErrorCode code, std::string subject, std::string expected, std::string found)
      : std::runtime_error{subject + ": expected " + expected + ", found " + found},
        code_{code},
        subject_{std::move(subject)},
        expected_{std::move(expected)},
        found_{std::move(found)} {}

  [[nodiscard]] ErrorCode code() const noexcept { return code_; }
  [[nodiscard]] const std::string& subject() const noexcept { return subject_; }
  [[nodiscard]] const std::string& expected() const noexcept { return expected_; }
  [[nodiscard]] const std::string& found() const noexcept { return found_; }

 private:
  ErrorCode code_;
  std::string subject_;
  std::string expected_;
  std::string found_;
};

}  // namespace attar
