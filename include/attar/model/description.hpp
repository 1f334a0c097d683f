// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include <attar/core/shape.hpp>
#include <attar/model/program.hpp>

namespace attar {

/// An architecture in one readable line, for files and messages: "1x28x28 > Conv2d 16x28x28 > ... > Linear 10x1x1".
[[nodiscard, gnu::cold]] inline std::string describe(const Program& program) {
  std::string text = to_string(program.input_shape());
  for (const LayerRow& row : program.rows) {
    text += " > ";
    text += row.name;
    text += ' ';
    text += to_string(row.output);
  }
  return text;
}

/// The fingerprint as 16 hexadecimal digits.
[[nodiscard]] inline std::string fingerprint_text(const Program& program) {
  std::string text(16, '0');
  std::uint64_t rest = program.fingerprint;
  for (std::size_t i = text.size(); i-- > 0; rest >>= 4) text[i] = "0123456789abcdef"[rest & 15U];
  return text;
}

}  // namespace attar
