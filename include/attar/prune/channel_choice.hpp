// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <map>
#include <numeric>
#include <span>
#include <string>
#include <vector>

#include <attar/core/error.hpp>
#include <attar/core/shape.hpp>
#include <attar/model/program.hpp>
#include <attar/prune/channel_groups.hpp>

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
/// output channel of each operation matters (`scores`, empty where it makes none).
class ChannelChoice {
 public:
  ChannelChoice(const Program& from, const Program& to, std::span<const std::vector<double>> scores)
      : from_{from}, to_{to}, groups_{from}, kept_(groups_.bound()) {
    const std::vector<double> importance = importance_of_groups(scores);
    make_cells();
    count_kept();
    for (Cell& cell : cells_) {
      std::ranges::sort(cell.groups, [&](int a, int b) {
        const double first = importance[static_cast<std::size_t>(a)];
        const double second = importance[static_cast<std::size_t>(b)];
        return first > second || (first == second && a < b);
      });
      for (int i = 0; i < cell.kept; ++i) {
        kept_[static_cast<std::size_t>(cell.groups[static_cast<std::size_t>(i)])] = true;
      }
    }
  }

  /// The channels of a value that stay, ascending.
  [[nodiscard]] std::vector<std::size_t> channels(int value) const {
    std::vector<std::size_t> channels;
    const std::span<const int> groups = groups_.of(value);
    for (std::size_t i = 0; i < groups.size(); ++i) {
      if (kept_[static_cast<std::size_t>(groups[i])]) channels.push_back(i);
    }
    return channels;
  }

 private:
  /// Groups that belong to the same sources, equally often: interchangeable, so any of them may go.
  struct Cell {
    std::map<int, int> times;  ///< How often each source (by its number) has a group of this cell.
    std::vector<int> groups;
    int kept = unknown;
  };
  static constexpr int unknown = -1;

  [[nodiscard]] std::vector<double> importance_of_groups(std::span<const std::vector<double>> scores) const {
    std::vector<double> importance(groups_.bound());
    for (std::size_t i = 0; i < scores.size(); ++i) {
      const Op& op = from_.ops[i];
      const double sum = std::accumulate(scores[i].begin(), scores[i].end(), 0.0);
      if (groups_.is_gate(op.output) || !(sum > 0)) continue;
      const std::span<const int> groups = groups_.of(op.output);
      for (std::size_t channel = 0; channel < scores[i].size(); ++channel) {
        importance[static_cast<std::size_t>(groups[channel])] +=
            scores[i][channel] * static_cast<double>(scores[i].size()) / sum;
      }
    }
    return importance;
  }

  void make_cells() {
    std::vector<std::map<int, int>> times(groups_.bound());
    for (std::size_t source = 0; source < groups_.sources().size(); ++source) {
      for (const int group : groups_.of(groups_.sources()[source])) {
        ++times[static_cast<std::size_t>(group)][static_cast<int>(source)];
      }
    }
    std::map<std::map<int, int>, std::size_t> cell_of;
    for (std::size_t group = 0; group < times.size(); ++group) {
      if (times[group].empty()) continue;  // Joined to another, which stands for it.
      const auto [found, is_new] = cell_of.try_emplace(times[group], cells_.size());
      if (is_new) cells_.push_back({times[group], {}, unknown});
      cells_[found->second].groups.push_back(static_cast<int>(group));
    }
  }

  /// Each source says how many of its channels stay, in all cells that it has part in. Where one cell is unknown, that
  /// tells it.
  void count_kept() {
    const std::span<const int> sources = groups_.sources();
    for (std::size_t settled = 0, before = 1; settled != before;) {
      before = settled;
      for (std::size_t source = 0; source < sources.size(); ++source) settled += settle(static_cast<int>(source));
    }
    for (std::size_t source = 0; source < sources.size(); ++source) {
      int sum = 0;
      for (const Cell& cell : cells_) {
        const auto found = cell.times.find(static_cast<int>(source));
        if (found != cell.times.end()) sum += found->second * std::max(cell.kept, 0);
      }
      if (sum != to_.shape(sources[source]).channels) refuse(sources[source], sum);
    }
  }

  /// Finds the only unknown cell of a source, if it is one, and returns how many it has found.
  std::size_t settle(int source) {
    Cell* open = nullptr;
    int rest = to_.shape(groups_.sources()[static_cast<std::size_t>(source)]).channels;
    for (Cell& cell : cells_) {
      const auto found = cell.times.find(source);
      if (found == cell.times.end()) continue;
      if (cell.kept != unknown) {
        rest -= found->second * cell.kept;
      } else if (open != nullptr) {
        return 0;
      } else {
        open = &cell;
      }
    }
    if (open == nullptr) return 0;
    open->kept = std::clamp(rest / open->times[source], 0, static_cast<int>(open->groups.size()));
    return 1;
  }

  [[noreturn]] void refuse(int value, int found) const {
    std::string path;
    for (const Op& op : from_.ops) {
      if (op.output == value) path = from_.rows[static_cast<std::size_t>(op.layer)].path.view();
    }
    throw Error{ErrorCode::invalid_argument, "pruning at layer " + path,
                std::to_string(to_.shape(value).channels) + " channels",
                std::to_string(found) + " that the layers joined to it by sums leave"};
  }

  const Program& from_;
  const Program& to_;
  ChannelGroups groups_;
  std::vector<Cell> cells_;
  std::vector<bool> kept_;
};

}  // namespace attar::detail
