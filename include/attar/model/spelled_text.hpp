// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <string>

#include <attar/model/spelling.hpp>

namespace attar {

/// A type in one line: "attar::MaxPool2d<2, attar::Stride<1>>".
[[nodiscard]] inline std::string to_text(const Spelled& type) {
  std::string text = type.name;
  for (std::size_t i = 0; i < type.arguments.size(); ++i) text += (i == 0 ? "<" : ", ") + to_text(type.arguments[i]);
  return type.arguments.empty() ? text : text + '>';
}

/// A type for people: what does not fit into a line of 100 characters gets a line per argument. `indent` is that of
/// the line on which it begins.
[[nodiscard]] inline std::string to_lines(const Spelled& type, std::size_t indent = 0) {
  constexpr std::size_t width = 100;
  const std::string line = to_text(type);
  if (type.arguments.empty() || indent + line.size() <= width) return line;
  std::string text = type.name + '<';
  for (std::size_t i = 0; i < type.arguments.size(); ++i) {
    text += (i == 0 ? "\n" : ",\n") + std::string(indent + 4, ' ') + to_lines(type.arguments[i], indent + 4);
  }
  return text + '>';
}

}  // namespace attar
