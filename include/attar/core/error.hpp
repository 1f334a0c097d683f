// SPDX-License-Identifier: MIT
#pragma once

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <exception>
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

namespace detail {

#ifdef __cpp_exceptions
using ErrorBase = std::runtime_error;
#else
/// What is never thrown needs no part of the standard library but strings.
class ErrorBase {
 public:
  explicit ErrorBase(std::string sentence) : sentence_{std::move(sentence)} {}
  [[nodiscard]] const char* what() const noexcept { return sentence_.c_str(); }

 private:
  std::string sentence_;
};
#endif

}  // namespace detail

/// The one kind of error of the library, thrown where there are exceptions: a code, what it is about (a path, a tensor,
/// an argument), what was expected and what was found. `what()` joins them into one sentence: "SUBJECT: expected
/// EXPECTED, found FOUND".
class Error : public detail::ErrorBase {
 public:
  [[gnu::cold]] Error(ErrorCode code, std::string subject, std::string expected, std::string found)
      : detail::ErrorBase{subject + ": expected " + expected + ", found " + found},
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

#ifdef __cpp_exceptions

/// Fails: the library's one way to do so. Throws the error; a program without exceptions gets it in its handler.
[[noreturn, gnu::cold]] inline void raise(Error error) {
  throw Error{std::move(error)};
}

#else

/// What a program without exceptions (-fno-exceptions) does about an error. It must not return; if it does, the program
/// is aborted.
using ErrorHandler = void (*)(const Error& error);

namespace detail {

inline void print_error(const Error& error) {
  std::fputs(error.what(), stderr);
  std::fputc('\n', stderr);
}

inline std::atomic<ErrorHandler> error_handler{print_error};

}  // namespace detail

/// Sets the handler and returns the one before. The first prints the sentence, and the program is aborted.
inline ErrorHandler set_error_handler(ErrorHandler handler) noexcept {
  return detail::error_handler.exchange(handler);
}

/// Fails: the library's one way to do so. Wherever "throws `Error`" is said, the handler is called.
[[noreturn]] inline void raise(const Error& error) {
  detail::error_handler.load()(error);
  std::abort();
}

#endif

namespace detail {

/// Calls `body`; an exception of the type `Caught` (of a library underneath) in it comes out as what `to_error` makes
/// of it. Without exceptions it is up to that library what becomes of a failure.
template <class Caught, class Body, class ToError>
decltype(auto) translate_exceptions(Body&& body, [[maybe_unused]] ToError&& to_error) {
#ifdef __cpp_exceptions
  try {
    return std::forward<Body>(body)();
  } catch (const Caught& caught) {
    raise(std::forward<ToError>(to_error)(caught));
  }
#else
  return std::forward<Body>(body)();
#endif
}

/// What `body` throws, or nullptr.
template <class Body>
std::exception_ptr exception_of(Body&& body) {
#ifdef __cpp_exceptions
  try {
    std::forward<Body>(body)();
  } catch (...) {
    return std::current_exception();
  }
#else
  std::forward<Body>(body)();
#endif
  return nullptr;
}

}  // namespace detail

}  // namespace attar
