// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
#include <vector>

#include <attar/detail/whole_range.hpp>
#include <attar/model/program.hpp>
#include <attar/model/widths.hpp>
#include <attar/prune/channel_cells.hpp>

namespace attar::detail {

/// The cells of channels that can be made smaller by changing widths, and which widths these are. Left out are the
/// channels of input and output, those of grouped convolutions, which cannot be cut evenly, and those whose number
/// follows from others (as in a squeeze-excite).
class WidthCells {
 public:
  /// `sized_ops` make the values whose widths are listed.
  WidthCells(const Program& program, std::span<const std::size_t> sized_ops,
             std::span<const std::vector<double>> scores)
      : cells_{program, scores}, widths_(sized_ops.size()) {
    std::vector<std::size_t> cell_of(cells_.groups().bound());
    for (std::size_t cell = 0; cell < cells_.cells().size(); ++cell) {
      for (const int group : cells_.cells()[cell].groups) cell_of[static_cast<std::size_t>(group)] = cell;
    }
    std::vector<bool> fixed(cells_.cells().size());
    const auto fix = [&](int value) {
      for (const int group : cells_.groups().of(value)) fixed[cell_of[static_cast<std::size_t>(group)]] = true;
    };
    fix(0);
    fix(program.output);
    for (const Op& op : program.ops) {
      if (op.kind != OpKind::conv2d || op.groups == 1 || is_depthwise(program, op)) continue;
      fix(op.operands[0]);
      fix(op.output);
    }
    std::vector<std::vector<int>> times(cells_.cells().size(), std::vector<int>(sized_ops.size()));
    for (std::size_t layer = 0; layer < sized_ops.size(); ++layer) {
      const std::span<const int> groups = cells_.groups().of(program.ops[sized_ops[layer]].output);
      widths_[layer] = static_cast<int>(groups.size());
      for (const int group : groups) ++times[cell_of[static_cast<std::size_t>(group)]][layer];
    }
    for (std::size_t cell = 0; cell < times.size(); ++cell) {
      const auto size = static_cast<int>(cells_.cells()[cell].groups.size());
      const bool has_width = detail::any_of(times[cell], [](int count) { return count > 0; });
      if (fixed[cell] || !has_width) continue;
      for (int& count : times[cell]) count /= size;
      numbers_.push_back(cell);
      times_.push_back(times[cell]);
    }
  }

  /// The number of cells that can be cut.
  [[nodiscard]] std::size_t count() const noexcept { return numbers_.size(); }
  /// The groups of such a cell.
  [[nodiscard]] int size(std::size_t cell) const { return static_cast<int>(groups(cell).size()); }
  /// Whether a width, by its number, is that of a layer which makes channels of the cell.
  [[nodiscard]] bool makes(std::size_t cell, std::size_t layer) const { return times_[cell][layer] > 0; }
  /// All widths where so many groups of each cell stay.
  [[nodiscard]] Widths widths(std::span<const int> kept) const {
    Widths widths = widths_;
    for (std::size_t cell = 0; cell < count(); ++cell) {
      for (std::size_t layer = 0; layer < widths.size(); ++layer) {
        widths[layer] -= times_[cell][layer] * (size(cell) - kept[cell]);
      }
    }
    return widths;
  }
  /// What is lost when `next` groups of a cell stay instead of `kept`: their share in what the kept ones are worth, for
  /// each layer that makes them. Relative to what is left, as in LAMP (Lee et al. 2021), so that no layer vanishes.
  [[nodiscard]] double worth(std::size_t cell, int kept, int next) const {
    const double left = importance(cell, 0, kept);
    const double layers = importance(cell, 0, size(cell)) / size(cell);
    return left > 0 ? layers * importance(cell, next, kept) / left : 0;
  }

 private:
  /// The sum over the groups from rank `first` up to, but not including, `last`.
  [[nodiscard]] double importance(std::size_t cell, int first, int last) const {
    double sum = 0;
    for (int i = first; i < last; ++i) sum += cells_.importance(groups(cell)[static_cast<std::size_t>(i)]);
    return sum;
  }
  [[nodiscard]] const std::vector<int>& groups(std::size_t cell) const { return cells_.cells()[numbers_[cell]].groups; }

  ChannelCells cells_;
  Widths widths_;                        ///< As they are.
  std::vector<std::size_t> numbers_;     ///< Of the cells that can be cut, among all.
  std::vector<std::vector<int>> times_;  ///< How often each width counts each group of the cell.
};

}  // namespace attar::detail
