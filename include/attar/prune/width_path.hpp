// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <functional>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include <attar/model/owned_program.hpp>
#include <attar/model/program.hpp>
#include <attar/model/widths.hpp>
#include <attar/prune/width_cells.hpp>

namespace attar::detail {

/// How far and in which steps widths may shrink.
struct WidthLimits {
  int multiple = 8;          ///< Widths become multiples of it.
  double min_share = 0.125;  ///< The share of channels that at least stays in each layer.
};

/// Goes from a network's widths to the smallest ones, unit by unit: next is always the one that is worth least for what
/// it costs. A unit are channels that go together, in all layers they are tied to. Its worth is its share in what is
/// left of the scores of each of these layers, so that layers of any width can be compared.
class WidthPath {
 public:
  /// Makes the program of other widths, or nothing where its layers do not fit.
  using Maker = std::optional<OwnedProgram> (*)(const Widths&);
  using Spending = std::function<double(const Program&)>;

  /// `weights` say how much each layer that has a width matters (none: all the same).
  WidthPath(WidthCells cells, std::span<const double> weights, Maker make, Spending spending, WidthLimits limits)
      : cells_{std::move(cells)}, make_{make}, spending_{std::move(spending)}, limits_{limits} {
    for (std::size_t cell = 0; cell < cells_.count(); ++cell) {
      kept_.push_back(cells_.size(cell));
      stuck_.push_back(false);
      weights_.push_back(mean_weight(cell, weights));
    }
    spent_ = spending_(make_(widths())->view());
  }

  /// The widths here.
  [[nodiscard]] Widths widths() const { return cells_.widths(kept_); }
  /// What they cost.
  [[nodiscard]] double spent() const noexcept { return spent_; }

  /// Removes the next unit. False where nothing is left to remove.
  bool advance() {
    std::size_t best = cells_.count();
    double best_price = 0;
    double best_spent = 0;
    for (std::size_t cell = 0; cell < cells_.count(); ++cell) {
      if (stuck_[cell]) continue;
      const double spent = spent_without(cell);
      if (!(spent < spent_)) {
        stuck_[cell] = true;
        continue;
      }
      const double price = weights_[cell] * cells_.worth(cell, kept_[cell], next(cell)) / (spent_ - spent);
      if (best == cells_.count() || price < best_price) {
        best = cell;
        best_price = price;
        best_spent = spent;
      }
    }
    if (best == cells_.count()) return false;
    kept_[best] = next(best);
    spent_ = best_spent;
    return true;
  }

 private:
  [[nodiscard]] double mean_weight(std::size_t cell, std::span<const double> weights) const {
    if (weights.empty()) return 1;
    double sum = 0;
    double layers = 0;
    for (std::size_t layer = 0; layer < weights.size(); ++layer) {
      if (!cells_.makes(cell, layer)) continue;
      sum += weights[layer];
      ++layers;
    }
    return sum / layers;
  }

  /// The largest multiple below what is kept.
  [[nodiscard]] int next(std::size_t cell) const { return (kept_[cell] - 1) / limits_.multiple * limits_.multiple; }

  /// The smallest number that may be kept.
  [[nodiscard]] int smallest(std::size_t cell) const {
    const int least = std::max(1, static_cast<int>(std::ceil(limits_.min_share * cells_.size(cell))));
    return (least + limits_.multiple - 1) / limits_.multiple * limits_.multiple;
  }

  /// The cost without the next unit of a cell; what it is now where that cannot go.
  [[nodiscard]] double spent_without(std::size_t cell) const {
    if (next(cell) < smallest(cell)) return spent_;
    std::vector<int> kept = kept_;
    kept[cell] = next(cell);
    const std::optional<OwnedProgram> program = make_(cells_.widths(kept));
    return program ? spending_(program->view()) : spent_;
  }

  WidthCells cells_;
  Maker make_;
  Spending spending_;
  WidthLimits limits_;
  std::vector<int> kept_;        ///< Groups, by cell.
  std::vector<bool> stuck_;      ///< By cell: no further unit can go.
  std::vector<double> weights_;  ///< By cell.
  double spent_ = 0;
};

}  // namespace attar::detail
