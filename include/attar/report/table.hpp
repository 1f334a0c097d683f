// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <string>
#include <utility>
#include <vector>

namespace attar {

/// A table in plain text. The first `left_columns` columns are flush left, the others, numbers, flush right.
///
///     Table table{{"stage", "accuracy"}};
///     table.add({"teacher", fixed(93.71, 2)});
///     std::cout << table.text();
class Table {
 public:
  explicit Table(std::vector<std::string> header, std::size_t left_columns = 1)
      : rows_{std::move(header)}, left_columns_{left_columns} {
    add_rule();
  }

  /// A row; cells that are missing at its end stay empty.
  void add(std::vector<std::string> cells) {
    cells.resize(rows_.front().size());
    rows_.push_back(std::move(cells));
  }
  /// A line across the table.
  void add_rule() { rows_.emplace_back(); }

  /// The lines, each with its line break.
  [[nodiscard]] std::string text() const {
    const std::vector<std::size_t> widths = column_widths();
    std::size_t total = 2 * (widths.size() - 1);
    for (const std::size_t width : widths) total += width;
    std::string text;
    for (const std::vector<std::string>& row : rows_) {
      std::string line;
      if (row.empty()) line.assign(total, '-');
      for (std::size_t column = 0; column < row.size(); ++column) {
        if (column > 0) line += "  ";
        const std::string space(widths[column] - row[column].size(), ' ');
        line += column < left_columns_ ? row[column] + space : space + row[column];
      }
      line.erase(line.find_last_not_of(' ') + 1);
      text += line + '\n';
    }
    return text;
  }

 private:
  [[nodiscard]] std::vector<std::size_t> column_widths() const {
    std::vector<std::size_t> widths(rows_.front().size());
    for (const std::vector<std::string>& row : rows_) {
      for (std::size_t column = 0; column < row.size(); ++column) {
        widths[column] = std::max(widths[column], row[column].size());
      }
    }
    return widths;
  }

  std::vector<std::vector<std::string>> rows_;  ///< The header first; an empty row is a line.
  std::size_t left_columns_;
};

/// "1,234,567".
[[nodiscard]] inline std::string grouped(std::uint64_t number) {
  std::string text = std::to_string(number);
  for (std::size_t end = text.size(); end > 3; end -= 3) text.insert(end - 3, 1, ',');
  return text;
}

/// A number with that many digits after the point: `fixed(93.714, 1)` is "93.7".
[[nodiscard]] inline std::string fixed(double number, int digits) {
  std::string text(64, '\0');
  const int length = std::snprintf(text.data(), text.size(), "%.*f", digits, number);
  text.resize(std::min(static_cast<std::size_t>(std::max(length, 0)), text.size() - 1));
  return text;
}

/// The share of a part in percent: "12.5%".
[[nodiscard]] inline std::string share(std::uint64_t part, std::uint64_t whole) {
  return fixed(whole == 0 ? 0 : 100 * static_cast<double>(part) / static_cast<double>(whole), 1) + "%";
}

}  // namespace attar
