// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <string_view>

#include <attar/layers/program_builder.hpp>

namespace attar {

/// A short text as a template argument: `Tag<"middle">`.
template <std::size_t Size>
struct Text {
  constexpr Text(const char (&text)[Size]) {  // NOLINT: a string literal is a text
    for (std::size_t i = 0; i < Size; ++i) characters[i] = text[i];
  }
  [[nodiscard]] constexpr std::string_view view() const noexcept { return {characters, Size - 1}; }
  char characters[Size]{};
};

/// Names the value that passes here, for a `Tap` of distillation. It computes nothing and costs nothing.
///
///     Sequential<Input<3, 32, 32>, Block<64>, Tag<"middle">, Block<128>, ...>
template <Text Word>
struct Tag {
  static_assert(!Word.view().empty() && (Word.view()[0] < '0' || Word.view()[0] > '9'),
                "attar[E026]: a tag begins with a letter; digits begin the positions of layers");
  static constexpr std::string_view name = "Tag";
  static constexpr std::string_view word = Word.view();

  static constexpr int emit(ProgramBuilder& builder, int input) {
    builder.begin_layer(name, input);
    builder.rows.back().tag = word;
    return input;
  }
};

}  // namespace attar
