// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <string_view>

namespace attar::detail {

/// Not a constant expression, so that a compiler stops here.
[[noreturn]] inline void name_too_long() {
  std::fputs("attar: a name is too long\n", stderr);
  std::abort();
}

/// A string of at most `Capacity` characters that a constant expression can build and keep. Its members are public
/// because only so may it be a template argument, which is how compilers come to print it in their messages.
template <std::size_t Capacity>
struct FixedString {
  constexpr FixedString() = default;
  constexpr FixedString(std::string_view text) { append(text); }  // NOLINT: a string literal is a name

  constexpr void append(std::string_view text) {
    if (size_ + text.size() > Capacity) name_too_long();
    for (const char c : text) characters_[size_++] = c;
  }
  constexpr void append(int number) {
    if (number >= 10) append(number / 10);
    const char digit = static_cast<char>('0' + number % 10);
    append(std::string_view{&digit, 1});
  }
  constexpr void truncate(std::size_t size) { size_ = size; }

  [[nodiscard]] constexpr std::size_t size() const noexcept { return size_; }
  [[nodiscard]] constexpr std::string_view view() const noexcept { return {characters_.data(), size_}; }
  constexpr operator std::string_view() const noexcept { return view(); }  // NOLINT

  std::array<char, Capacity> characters_{};
  std::size_t size_ = 0;
};

}  // namespace attar::detail
