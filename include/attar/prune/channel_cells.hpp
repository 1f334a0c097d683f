// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <map>
#include <numeric>
#include <span>
#include <utility>
#include <vector>

#include <attar/detail/whole_range.hpp>
#include <attar/model/program.hpp>
#include <attar/prune/channel_groups.hpp>

namespace attar::detail {

/// Groups of channels that belong to the same sources, equally often: interchangeable, so any of them may go.
struct ChannelCell {
  std::map<int, int> times;  ///< How often each source (by its number) has a group of this cell.
  std::vector<int> groups;   ///< From the most to the least important; among equals by number.
};

/// All channels of a network, ranked by what they are worth. `scores` say how much each output channel of each
/// operation matters (empty where it makes none).
class ChannelCells {
 public:
  ChannelCells(const Program& program, std::span<const std::vector<double>> scores)
      : groups_{program}, importance_(groups_.bound()) {
    add_scores(program, scores);
    make_cells();
    for (ChannelCell& cell : cells_) {
      detail::sort(cell.groups, [&](int a, int b) {
        return importance(a) > importance(b) || (importance(a) == importance(b) && a < b);
      });
    }
  }

  [[nodiscard]] const ChannelGroups& groups() const noexcept { return groups_; }
  [[nodiscard]] std::span<const ChannelCell> cells() const noexcept { return detail::span_of(cells_); }
  /// The sum of the scores of a group's channels, each divided by the mean of its layer.
  [[nodiscard]] double importance(int group) const { return importance_[static_cast<std::size_t>(group)]; }

 private:
  void add_scores(const Program& program, std::span<const std::vector<double>> scores) {
    for (std::size_t i = 0; i < scores.size(); ++i) {
      const Op& op = program.ops[i];
      const double sum = std::accumulate(scores[i].begin(), scores[i].end(), 0.0);
      if (groups_.is_gate(op.output) || !(sum > 0)) continue;
      const std::span<const int> groups = groups_.of(op.output);
      for (std::size_t channel = 0; channel < scores[i].size(); ++channel) {
        importance_[static_cast<std::size_t>(groups[channel])] +=
            scores[i][channel] * static_cast<double>(scores[i].size()) / sum;
      }
    }
  }

  void make_cells() {
    std::vector<std::map<int, int>> times(groups_.bound());
    for (std::size_t source = 0; source < groups_.sources().size(); ++source) {
      for (const int group : groups_.of(groups_.sources()[source])) {
        ++times[static_cast<std::size_t>(group)][static_cast<int>(source)];
      }
    }
    for (std::size_t group = 0; group < times.size(); ++group) {
      if (times[group].empty()) continue;  // Joined to another, which stands for it.
      cell_of(times[group]).groups.push_back(static_cast<int>(group));
    }
  }

  /// The cell of groups with these sources, a new one if there is none. Cells are few, about as many as sources.
  ChannelCell& cell_of(const std::map<int, int>& times) {
    for (ChannelCell& cell : cells_) {
      if (cell.times == times) return cell;
    }
    cells_.push_back({times, {}});
    return cells_.back();
  }

  ChannelGroups groups_;
  std::vector<double> importance_;
  std::vector<ChannelCell> cells_;
};

}  // namespace attar::detail
