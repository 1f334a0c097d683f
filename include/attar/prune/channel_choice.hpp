// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include <attar/core/error.hpp>
#include <attar/core/shape.hpp>
#include <attar/model/program.hpp>
#include <attar/prune/channel_cells.hpp>

namespace attar::detail {

/// Whether `to` is `from` with fewer channels: the same operations on the same values, other widths apart.
constexpr bool is_narrower(const Program& to, const Program& from) {
  if (to.ops.size() != from.ops.size() || to.input_shape() != from.input_shape() ||
      to.output_shape() != from.output_shape()) {
    return false;
  }
  for (std::size_t i = 0; i < to.ops.size(); ++i) {
    const Op& a = to.ops[i];
    const Op& b = from.ops[i];
    const Shape& narrow = to.shape(a.output);
    const Shape& wide = from.shape(b.output);
    if (a.kind != b.kind || a.operands != b.operands || a.operand_count != b.operand_count || a.output != b.output ||
        a.window != b.window || a.activation != b.activation || a.epsilon != b.epsilon ||
        (a.bias < 0) != (b.bias < 0) || narrow.channels > wide.channels || narrow.height != wide.height ||
        narrow.width != wide.width) {
      return false;
    }
    const bool dense = a.groups == 1 && b.groups == 1;
    const bool depthwise = is_depthwise(from, b) && (is_depthwise(to, a) || narrow.channels == 1);
    if (!dense && !depthwise) return false;
  }
  return true;
}

/// Decides which channels of `from` stay, given how many stay of each value (the shapes of `to`) and how much each
/// output channel of each operation matters (`scores`, empty where it makes none). Throws `invalid_argument` where the
/// widths of `to` contradict each other.
class ChannelChoice {
 public:
  ChannelChoice(const Program& from, const Program& to, std::span<const std::vector<double>> scores)
      : from_{from}, to_{to}, cells_{from, scores}, counts_(cells_.cells().size(), unknown) {
    count_kept();
    kept_.resize(cells_.groups().bound());
    for (std::size_t cell = 0; cell < counts_.size(); ++cell) {
      for (int i = 0; i < counts_[cell]; ++i) {
        kept_[static_cast<std::size_t>(cells_.cells()[cell].groups[static_cast<std::size_t>(i)])] = true;
      }
    }
  }

  /// The channels of a value that stay, ascending.
  [[nodiscard]] std::vector<std::size_t> channels(int value) const {
    std::vector<std::size_t> channels;
    const std::span<const int> groups = cells_.groups().of(value);
    for (std::size_t i = 0; i < groups.size(); ++i) {
      if (kept_[static_cast<std::size_t>(groups[i])]) channels.push_back(i);
    }
    return channels;
  }

 private:
  static constexpr int unknown = -1;

  [[nodiscard]] std::span<const int> sources() const { return cells_.groups().sources(); }

  /// Each source says how many of its channels stay, in all cells that it has part in. Where one cell is unknown, that
  /// tells it.
  void count_kept() {
    for (std::size_t settled = 0, before = 1; settled != before;) {
      before = settled;
      for (std::size_t source = 0; source < sources().size(); ++source) settled += settle(static_cast<int>(source));
    }
    for (std::size_t source = 0; source < sources().size(); ++source) {
      int sum = 0;
      for (std::size_t cell = 0; cell < counts_.size(); ++cell) {
        sum += times(cell, static_cast<int>(source)) * std::max(counts_[cell], 0);
      }
      if (sum != to_.shape(sources()[source]).channels) refuse(sources()[source], sum);
    }
  }

  /// How often a source has each group of a cell.
  [[nodiscard]] int times(std::size_t cell, int source) const {
    const auto& times = cells_.cells()[cell].times;
    const auto found = times.find(source);
    return found == times.end() ? 0 : found->second;
  }

  /// Finds the only unknown cell of a source, if it is one, and returns how many it has found.
  std::size_t settle(int source) {
    std::size_t open = counts_.size();
    int rest = to_.shape(sources()[static_cast<std::size_t>(source)]).channels;
    for (std::size_t cell = 0; cell < counts_.size(); ++cell) {
      if (times(cell, source) == 0) continue;
      if (counts_[cell] != unknown) {
        rest -= times(cell, source) * counts_[cell];
      } else if (open < counts_.size()) {
        return 0;
      } else {
        open = cell;
      }
    }
    if (open == counts_.size()) return 0;
    counts_[open] = std::clamp(rest / times(open, source), 0, static_cast<int>(cells_.cells()[open].groups.size()));
    return 1;
  }

  [[noreturn]] void refuse(int value, int found) const {
    std::string path;
    for (const Op& op : from_.ops) {
      if (op.output == value) path = from_.rows[static_cast<std::size_t>(op.layer)].path.view();
    }
    raise(Error{ErrorCode::invalid_argument, "pruning at layer " + path,
                std::to_string(to_.shape(value).channels) + " channels",
                std::to_string(found) + " that the layers joined to it by sums leave"});
  }

  const Program& from_;
  const Program& to_;
  ChannelCells cells_;
  std::vector<int> counts_;  ///< How many groups of each cell stay.
  std::vector<bool> kept_;
};

}  // namespace attar::detail
