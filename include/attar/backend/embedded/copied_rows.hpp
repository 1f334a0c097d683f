// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>

namespace attar::detail {

/// Row `y` of the image with the padding beside it, or nothing but padding where there is no such row.
/// `rows.copy(first, count, to)` writes numbers of the image, `rows.pad(to, count)` what surrounds it. If numbers lie
/// in memory as products read them, which `rows.is_in_place()` says, `rows.in_place(first)` is where.
template <class Plan, class Rows, class Element>
void copy_padded_row(const Plan& plan, std::ptrdiff_t y, const Rows& rows, Element* to) noexcept {
  if (y < 0 || y >= plan.shape.in.height) return rows.pad(to, plan.row_size);
  rows.pad(to, plan.margin);
  rows.copy(static_cast<std::size_t>(y) * plan.row_data, plan.row_data, to + plan.margin);
  rows.pad(to + plan.margin + plan.row_data, plan.row_size - plan.margin - plan.row_data);
}

/// Copies what `lines` rows of the result from `line` on see: `rows` as `copy_padded_row` takes them.
template <class Plan, class Rows>
[[gnu::noinline]] void copy_rows(const Plan& plan, std::size_t line, std::size_t lines, const Rows& rows,
                                 typename Plan::Element* to) noexcept {
  const auto top = static_cast<std::ptrdiff_t>(line * plan.stride) - plan.shape.window.padding.height;
  const std::size_t count = plan.rows_seen(lines);
  for (std::size_t row = 0; row < count; ++row, to += plan.row_size) {
    copy_padded_row(plan, top + static_cast<std::ptrdiff_t>(row), rows, to);
  }
  rows.pad(to, Plan::Dot::group);  // The last group may reach beyond.
}

}  // namespace attar::detail
