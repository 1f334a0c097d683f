// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <attar/backend/default_backend.hpp>
#include <attar/core/error.hpp>
#include <attar/data/dataset.hpp>
#include <attar/model/network.hpp>
#include <attar/model/widths.hpp>
#include <attar/prune/criteria/norms.hpp>
#include <attar/prune/criterion.hpp>
#include <attar/prune/evidence.hpp>
#include <attar/prune/narrow.hpp>
#include <attar/prune/prune.hpp>
#include <attar/prune/scope.hpp>
#include <attar/prune/width_cells.hpp>
#include <attar/train/accuracy.hpp>

namespace attar {

/// What is left when a share of a layer is removed.
struct SensitivityPoint {
  double removed = 0;   ///< The share that was removed, in [0, 1).
  double accuracy = 0;  ///< Percent, without any fine-tuning.
};

/// How much a network suffers when one layer alone is pruned.
struct LayerSensitivity {
  std::string path;                      ///< The layer, or the first of several whose channels go together.
  std::vector<std::size_t> layers = {};  ///< Their numbers among the network's `Widths`; of channels only.
  std::vector<SensitivityPoint> points = {};
};

/// A sensitivity analysis (Li et al. 2017, section 3.2; Han et al. 2015, section 3.1).
struct Sensitivity {
  std::string removed;  ///< "channels" or "weights".
  double accuracy = 0;  ///< Of the whole network, in percent.
  std::vector<LayerSensitivity> layers = {};
};

namespace detail {

inline void check_ratios(std::span<const double> ratios) {
  for (const double ratio : ratios) {
    if (ratio >= 0 && ratio < 1) continue;
    raise(Error{ErrorCode::invalid_argument, "ratio of a sensitivity analysis", "at least 0 and less than 1",
                std::to_string(ratio)});
  }
}

}  // namespace detail

/// For each set of layers whose channels can only go together: the accuracy on `data` when a share `ratios` of these
/// channels alone is removed, those that `Criterion` scores lowest. The layers after them stay as they are. Shares are
/// rounded to whole channels, of which at least one stays. `data` are images of the training set that the choice may
/// look at, not the test set. Throws `invalid_argument` for a ratio outside of [0, 1) and what `accuracy` throws.
template <FilterCriterion Criterion = L1Norm, class Backend = DefaultBackend, Architecture A>
[[nodiscard]] Sensitivity channel_sensitivity(const Network<A>& network, const Dataset& data,
                                              std::span<const double> ratios, const Evidence<float>& evidence = {}) {
  detail::check_ratios(ratios);
  const std::vector<std::size_t> sized = detail::sized_ops<A>();
  const auto scores = detail::filter_scores<Criterion>(A::program, network.buffer(), evidence);
  const detail::WidthCells cells{A::program, sized, scores};
  std::vector<int> all;
  for (std::size_t cell = 0; cell < cells.count(); ++cell) all.push_back(cells.size(cell));

  Sensitivity result{.removed = "channels", .accuracy = accuracy<Backend>(A::program, network.buffer(), data)};
  for (std::size_t cell = 0; cell < cells.count(); ++cell) {
    LayerSensitivity layer;
    for (std::size_t i = 0; i < sized.size(); ++i) {
      if (cells.makes(cell, i)) layer.layers.push_back(i);
    }
    layer.path = detail::layer_path(A::program, A::program.ops[sized[layer.layers[0]]]);
    for (const double ratio : ratios) {
      std::vector<int> kept = all;
      kept[cell] = std::max(1, static_cast<int>(std::lround((1 - ratio) * all[cell])));
      const Widths widths = cells.widths(kept);
      if (!detail::find_program<A>(widths)) continue;  // As where a squeeze-excite would have nothing left.
      const auto narrowed = detail::narrow_by(network, widths, scores);
      layer.points.push_back({1 - static_cast<double>(kept[cell]) / all[cell],
                              accuracy<Backend>(narrowed.program, narrowed.buffer(), data)});
    }
    result.layers.push_back(std::move(layer));
  }
  return result;
}

/// For each convolution and linear layer: the accuracy on `data` when a share `ratios` of its weights alone is zero,
/// those that `Criterion` scores lowest. Otherwise as `channel_sensitivity`.
template <WeightCriterion Criterion = L1Norm, class Backend = DefaultBackend, Architecture A>
[[nodiscard]] Sensitivity weight_sensitivity(const Network<A>& network, const Dataset& data,
                                             std::span<const double> ratios, const Evidence<float>& evidence = {}) {
  detail::check_ratios(ratios);
  Sensitivity result{.removed = "weights", .accuracy = accuracy<Backend>(A::program, network.buffer(), data)};
  for (const Op& op : A::program.ops) {
    if (op.kind != OpKind::conv2d && op.kind != OpKind::linear) continue;
    LayerSensitivity layer{.path = std::string{detail::layer_path(A::program, op)}};
    for (const double ratio : ratios) {
      const auto sparse = prune<Weights<Criterion>>(network, evidence, LayerRatios{{layer.path, ratio}});
      layer.points.push_back({ratio, accuracy<Backend>(A::program, sparse.network.buffer(), data)});
    }
    result.layers.push_back(std::move(layer));
  }
  return result;
}

/// The largest analysed ratio of each layer that alone costs at most `loss` points of accuracy; layers that bear none
/// are left out. For `prune<Weights<...>>`.
[[nodiscard]] inline LayerRatios ratios_within(const Sensitivity& analysis, double loss) {
  LayerRatios ratios;
  for (const LayerSensitivity& layer : analysis.layers) {
    double largest = 0;
    for (const SensitivityPoint& point : layer.points) {
      if (analysis.accuracy - point.accuracy <= loss) largest = std::max(largest, point.removed);
    }
    if (largest > 0) ratios[layer.path] = largest;
  }
  return ratios;
}

/// What `WidthSearchOptions::layer_weights` takes: for each of `count` widths the points of accuracy that the layer's
/// channels are worth (the mean loss over the ratios), relative to the mean of all layers. No layer counts for less
/// than a tenth of that. Layers that were not analysed count as the mean.
[[nodiscard]] inline std::vector<double> layer_weights(const Sensitivity& analysis, std::size_t count) {
  std::vector<double> losses;
  double sum = 0;
  for (const LayerSensitivity& layer : analysis.layers) {
    double loss = 0;
    for (const SensitivityPoint& point : layer.points) loss += std::max(analysis.accuracy - point.accuracy, 0.0);
    losses.push_back(layer.points.empty() ? 0 : loss / static_cast<double>(layer.points.size()));
    sum += losses.back();
  }
  std::vector<double> weights(count, 1);
  if (!(sum > 0)) return weights;
  for (std::size_t i = 0; i < losses.size(); ++i) {
    const double relative = losses[i] * static_cast<double>(losses.size()) / sum;
    for (const std::size_t layer : analysis.layers[i].layers) {
      if (layer < count) weights[layer] = std::max(relative, 0.1);
    }
  }
  return weights;
}

}  // namespace attar
