// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <string_view>

#include <attar/layers/tag.hpp>
#include <attar/model/program.hpp>

namespace attar {

/// Where a network is tapped for its feature maps: a `Tag` in the stack, or else the place of a layer, as `summary`
/// shows it. The place of a stack means the last layer in it.
///
///     Tap<"middle">      where Tag<"middle"> stands
///     Tap<"3.main.0">    behind that layer
template <Text Where>
struct Tap {
  static constexpr std::string_view where = Where.view();
};

/// The row of the layer table that a tap means, or -1 where there is no such tag or layer.
[[nodiscard]] constexpr int find_tap(const Program& program, std::string_view where) {
  int found = -1;
  for (std::size_t i = 0; i < program.rows.size(); ++i) {
    const std::string_view path = program.rows[i].path.view();
    const bool inside = path.starts_with(where) && (path.size() == where.size() || path[where.size()] == '.');
    if (program.rows[i].tag == where || inside) found = static_cast<int>(i);
  }
  return found;
}

/// The value of `program` at a tap that there is.
[[nodiscard]] constexpr int tapped_value(const Program& program, std::string_view where) {
  return program.rows[static_cast<std::size_t>(find_tap(program, where))].value;
}

}  // namespace attar
