// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <functional>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <attar/backend/default_backend.hpp>
#include <attar/backend/sessions_of.hpp>
#include <attar/core/error.hpp>
#include <attar/data/dataset.hpp>
#include <attar/detail/whole_range.hpp>
#include <attar/model/fold_batch_norm.hpp>
#include <attar/model/layer_precision.hpp>
#include <attar/model/network.hpp>
#include <attar/quantize/image_source.hpp>
#include <attar/quantize/layer_sensitivity.hpp>
#include <attar/quantize/mix.hpp>
#include <attar/quantize/mix_policy.hpp>
#include <attar/quantize/mix_report.hpp>
#include <attar/quantize/mix_trial.hpp>

namespace attar {

/// What `fall_back` must meet.
struct FallbackOptions {
  double max_drop = 0.5;                                   ///< Points of accuracy below the float network, at most.
  LayerPrecision other = LayerPrecision::fp32;             ///< What layers fall back to: fp32 or bf16.
  int max_float_layers = std::numeric_limits<int>::max();  ///< Layers with weights that are not int8.
  std::size_t max_bytes = std::numeric_limits<std::size_t>::max();  ///< Of all tensors (`MixedNetwork::bytes`).
};

namespace detail {

/// Takes layers out of int8 until a bound on accuracy is met.
template <class Backend>
class Fallback {
 public:
  using Asked = std::vector<std::optional<LayerPrecision>>;
  using BytesOf = std::function<std::size_t(const RowPrecisions&)>;

  Fallback(const MixTrial<Backend>& trial, const Dataset& validation, const FallbackOptions& options, BytesOf bytes_of)
      : trial_{trial}, validation_{validation}, options_{options}, bytes_of_{std::move(bytes_of)} {
    if (!(options.max_drop >= 0)) {
      raise(Error{ErrorCode::invalid_argument, "largest drop of accuracy", "at least 0 points",
                  std::to_string(options.max_drop)});
    }
    if (options.other == LayerPrecision::int8) {
      raise(Error{ErrorCode::invalid_argument, "what layers fall back to", "fp32 or bf16", "int8"});
    }
    float_accuracy_ = accuracy(trial.all(LayerPrecision::fp32));
  }

  /// In percent on the validation images, measured once for each mix.
  [[nodiscard]] double accuracy(const RowPrecisions& precisions) {
    const auto [place, is_new] = accuracies_.try_emplace(precisions);
    if (is_new) place->second = trial_.accuracy(precisions, validation_);
    return place->second;
  }
  [[nodiscard]] double float_accuracy() const noexcept { return float_accuracy_; }
  [[nodiscard]] bool accurate_enough(double accuracy) const noexcept {
    return float_accuracy_ - accuracy <= options_.max_drop;
  }

  /// Reverts int8 layers of `precisions` that are not asked for, the one whose noise harms the logits most first
  /// (`costs`), until the bound is met. When that did not help, the rest is ranked anew by what each would help now. In
  /// the end layers whose return to int8 the bound allows return. Gives the accuracy.
  double meet(RowPrecisions& precisions, const Asked& asked, const Int8Sensitivity& costs) {
    double reached = accuracy(precisions);
    best_ = reached;
    if (!fits(precisions)) fail(precisions);
    std::vector<int> order = by_harm(precisions, asked, costs);
    std::vector<int> reverted;
    while (!accurate_enough(reached)) {
      std::erase_if(order, [&](int row) { return !fits(with(precisions, row, options_.other)); });
      if (order.empty()) fail(precisions);
      const int row = order.front();
      order.erase(order.begin());
      precisions = with(precisions, row, options_.other);
      reverted.push_back(row);
      const double before = std::exchange(reached, accuracy(precisions));
      best_ = std::max(best_, reached);
      if (reached <= before) rank_anew(precisions, order);
    }
    if (!reverted.empty()) reverted.pop_back();  // Without the last one, the bound was not met.
    for (const int row : reverted) {
      RowPrecisions back = with(precisions, row, LayerPrecision::int8);
      const double found = accuracy(back);
      if (!accurate_enough(found)) continue;
      precisions = std::move(back);
      reached = found;
    }
    return reached;
  }

 private:
  [[nodiscard]] static RowPrecisions with(RowPrecisions precisions, int row, LayerPrecision precision) {
    precisions[static_cast<std::size_t>(row)] = precision;
    return precisions;
  }

  [[nodiscard]] bool fits(const RowPrecisions& precisions) const {
    return float_layers(precisions) <= options_.max_float_layers && bytes_of_(precisions) <= options_.max_bytes;
  }
  [[nodiscard]] int float_layers(const RowPrecisions& precisions) const {
    int count = 0;
    for (const int row : trial_.rows()) count += precisions[static_cast<std::size_t>(row)] != LayerPrecision::int8;
    return count;
  }

  [[nodiscard]] std::vector<int> by_harm(const RowPrecisions& precisions, const Asked& asked,
                                         const Int8Sensitivity& costs) const {
    std::vector<std::pair<double, int>> harm;
    for (const Int8LayerCost& cost : costs.layers) {
      const auto row = static_cast<std::size_t>(cost.row);
      if (asked[row] || precisions[row] != LayerPrecision::int8) continue;
      harm.emplace_back(cost.logits_db, cost.row);
    }
    std::sort(harm.begin(), harm.end());  // Of equals, the earlier layer first.
    std::vector<int> order;
    for (const auto& [decibels, row] : harm) order.push_back(row);
    return order;
  }

  /// By the noise that is left at the logits when the layer too is in floats, the least first.
  void rank_anew(const RowPrecisions& precisions, std::vector<int>& order) const {
    std::vector<std::pair<double, int>> left;
    for (const int row : order) {
      left.emplace_back(-trial_.noise(with(precisions, row, options_.other)).logits_db, row);
    }
    std::sort(left.begin(), left.end());
    for (std::size_t i = 0; i < left.size(); ++i) order[i] = left[i].second;
  }

  [[noreturn]] void fail(const RowPrecisions& precisions) const {
    const auto points = [](double number) {
      std::string text = std::to_string(number);
      return text.substr(0, text.find('.') + 3);
    };
    std::string bounds;
    if (options_.max_float_layers != std::numeric_limits<int>::max()) {
      bounds += " with at most " + std::to_string(options_.max_float_layers) + " layers in floats";
    }
    if (options_.max_bytes != std::numeric_limits<std::size_t>::max()) {
      bounds += " in at most " + std::to_string(options_.max_bytes) + " bytes";
    }
    raise(Error{ErrorCode::invalid_argument, "bound on accuracy",
                "at most " + points(options_.max_drop) + " points below the float network's " +
                    points(float_accuracy_) + "%" + bounds,
                points(best_) + "% at best (" + std::to_string(float_layers(precisions)) + " layers in floats, " +
                    std::to_string(bytes_of_(precisions)) + " bytes)"});
  }

  const MixTrial<Backend>& trial_;
  const Dataset& validation_;
  FallbackOptions options_;
  BytesOf bytes_of_;
  std::map<RowPrecisions, double> accuracies_;
  double float_accuracy_ = 0;
  double best_ = 0;
};

/// Rows of a report: what the layers are and why, as far as accuracy goes.
template <class Backend>
[[nodiscard]] std::vector<MixedLayer> report_layers(const MixTrial<Backend>& trial, const RowPrecisions& precisions,
                                                    const std::vector<std::optional<LayerPrecision>>& asked,
                                                    const Int8Sensitivity& costs) {
  std::vector<MixedLayer> layers;
  for (const Int8LayerCost& cost : costs.layers) {
    const auto row = static_cast<std::size_t>(cost.row);
    const LayerPrecision precision = precisions[row];
    layers.push_back({.path = cost.path,
                      .name = std::string{trial.program().rows[row].name},
                      .precision = precision,
                      .reason = asked[row]                          ? MixReason::asked
                                : precision == LayerPrecision::int8 ? MixReason::accurate
                                                                    : MixReason::sensitive,
                      .sqnr_db = cost.sqnr_db});
  }
  return layers;
}

/// All layers in one precision, but for what is asked.
[[nodiscard]] inline RowPrecisions where_not_asked(LayerPrecision precision,
                                                   const std::vector<std::optional<LayerPrecision>>& asked) {
  RowPrecisions precisions;
  for (const auto& of_row : asked) precisions.push_back(of_row.value_or(precision));
  return precisions;
}

}  // namespace detail

/// The int8 network with as many layers in floats as a bound on the loss of accuracy takes: the layers whose
/// quantization noise harms the logits most, over `calibration`, fall back first, and the accuracy on `validation` is
/// measured after each. Layers that need not fall back in the end return to int8. `Policy` names layers that are floats
/// from the start. `validation` are labelled images that the choice may look at, not the test set.
///
///     auto [mixed, report] = fall_back(int8, network, data.train.take(256), data.train.drop(55000));
///     std::cout << to_text(report);
///
/// Throws `Error`: `invalid_argument` with the best that was reached where the bounds cannot be met together, and what
/// `layer_sensitivity` and `accuracy` throw.
template <class Policy = MixPolicy<>, class Backend = DefaultBackend, class Quantized, Architecture A, class Images>
[[nodiscard]] MixResult<mix_t<Quantized>> fall_back(const Quantized& int8, const Network<A>& network,
                                                    const Images& calibration, const Dataset& validation,
                                                    const FallbackOptions& options = {}) {
  detail::require_int8_of<Quantized, A>();
  const auto folded = fold_batch_norm(network);
  using Trial = detail::RunTimeBackend<Backend>;
  const detail::MixTrial<Trial> trial{int8.model(), folded.buffer(), options.other,
                                      detail::ImageSource{calibration, A::input_shape, "images for sensitivity"}};
  const auto asked = detail::asked_precisions<Policy>(Quantized::program, {});
  detail::Fallback<Trial> fallback{trial, validation, options, [&](const detail::RowPrecisions& precisions) {
                                     return mix_t<Quantized>{int8, folded, precisions}.bytes();
                                   }};
  const Int8Sensitivity costs = detail::measure_sensitivity(trial, nullptr);
  detail::RowPrecisions precisions = detail::where_not_asked(LayerPrecision::int8, asked);
  MixReport report{.other = options.other};
  report.all_float.accuracy = fallback.float_accuracy();
  report.all_int8.accuracy = fallback.accuracy(trial.all(LayerPrecision::int8));
  report.mixed.accuracy = fallback.meet(precisions, asked, costs);
  report.layers = detail::report_layers(trial, precisions, asked, costs);
  return {{int8, folded, precisions}, std::move(report)};
}

}  // namespace attar
