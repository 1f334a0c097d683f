// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include <attar/backend/kernels/activate.hpp>
#include <attar/core/error.hpp>
#include <attar/core/rng.hpp>
#include <attar/detail/whole_range.hpp>
#include <attar/layers/op.hpp>
#include <attar/optim/adam.hpp>
#include <attar/quantize/layer_samples.hpp>
#include <attar/quantize/soft_rounding.hpp>

namespace attar {

/// How `adaround` learns.
struct AdaRoundOptions {
  int iterations = 1000;         ///< Steps of Adam per layer, at least 1. The paper takes 10,000.
  std::size_t batch = 256;       ///< Output positions (pixels of images) of a step, at least 1.
  std::size_t positions = 8192;  ///< Positions of a layer that steps draw from, at least 1; each takes 4 bytes of
                                 ///< memory per input of the layer's window.
  double rate = 1e-2;            ///< Learning rate, above 0.
  double lambda = 1e-2;          ///< Weight of what drives the rounding to up or down, at least 0.
  Seed seed = {};                ///< Which positions.
  bool progress = true;          ///< Report on standard error: the loss is that of the last step.

  /// Throws `Error` with `invalid_argument`, naming the option.
  void validate() const {
    const auto check = [](bool valid, const char* name, const char* expected, double found) {
      detail::check_hyperparameter(valid, name, expected, found);
    };
    check(iterations >= 1, "AdaRoundOptions::iterations", "at least 1", iterations);
    check(batch >= 1, "AdaRoundOptions::batch", "at least 1", static_cast<double>(batch));
    check(positions >= 1, "AdaRoundOptions::positions", "at least 1", static_cast<double>(positions));
    check(std::isfinite(rate) && rate > 0, "AdaRoundOptions::rate", "a number above 0", rate);
    check(std::isfinite(lambda) && lambda >= 0, "AdaRoundOptions::lambda", "a number of at least 0", lambda);
  }
};

namespace detail {

/// The weights of one layer and how they are rounded.
struct LayerWeights {
  std::span<const float> weights;  ///< In float, in PyTorch's order.
  std::span<std::int8_t> rounded;  ///< As they are rounded now.
  std::span<const float> scales;   ///< One, or one per output channel.
  std::span<const float> bias;     ///< One per output channel, or none.
  int limit = 0;                   ///< Of the rounded weights.
  Activation activation = Activation::none;
};

/// Learns how the weights of one layer are rounded. The loss is the mean over positions of the squared error of the
/// outputs behind the activation, summed over channels, plus lambda times the sum of the penalties of all weights (the
/// paper's equation 25). A weight of exactly 0 stays 0.
/// `Samples` are `LayerSamples`; the type is open so that products of matrices are compiled only where it is used.
template <class Samples>
class LayerRounding {
 public:
  LayerRounding(const LayerWeights& layer, const Samples& samples)
      : layer_{layer},
        samples_{samples},
        floors_(layer.weights.size()),
        soft_(layer.weights.size()),
        learned_(layer.weights.size()),
        gradient_(layer.weights.size()),
        errors_(samples.rows() * samples.outputs()) {
    for (std::size_t i = 0; i < floors_.size(); ++i) {
      const float exact = layer.weights[i] / scale(i);
      floors_[i] = std::floor(exact);
      learned_[i] = SoftRounding<float>::inverse(exact - floors_[i]);
    }
  }

  /// Takes `options.iterations` steps and calls `report(loss)` behind each of them.
  template <class Report>
  void learn(const AdaRoundOptions& options, Report&& report) {
    const Adam adam{.rate = options.rate};
    auto state = initial_state<float>(adam, learned_.size());
    const std::size_t batch = std::min(options.batch, samples_.rows());
    for (int step = 0; step < options.iterations; ++step) {
      // Rows are in random order. What is left behind the last whole batch takes part in the final comparison.
      const std::size_t first = static_cast<std::size_t>(step) % (samples_.rows() / batch) * batch;
      for (std::size_t i = 0; i < soft_.size(); ++i) soft_[i] = soft_weight(i);
      double loss = squared_error(first, batch, true);
      const bool warm = step < rounding_warm_start * options.iterations;
      const auto beta = static_cast<float>(rounding_beta(step, options.iterations));
      const auto lambda = warm ? 0.0F : static_cast<float>(options.lambda);
      for (std::size_t i = 0; i < soft_.size(); ++i) {
        const SoftRounding<float> rounding{learned_[i]};
        const RoundingPenalty<float> penalty{rounding.share, beta};
        const float by_share = moves(i, rounding.share) ? gradient_[i] * scale(i) : 0.0F;
        gradient_[i] = (by_share + lambda * penalty.slope) * rounding.slope;
        loss += static_cast<double>(lambda * penalty.value);
      }
      adam.step(std::span{learned_}, std::span<const float>{gradient_}, state, options.rate);
      report(loss);
    }
  }

  /// Rounds the weights as learned, unless the error over all positions is smaller as they were. Whether it was not.
  bool finish() {
    const double before = error_of(layer_.rounded);
    std::vector<std::int8_t> rounded(layer_.rounded.size());
    for (std::size_t i = 0; i < rounded.size(); ++i) {
      const float up = SoftRounding<float>{learned_[i]}.share >= 0.5F ? 1.0F : 0.0F;
      rounded[i] = static_cast<std::int8_t>(layer_.weights[i] == 0 ? 0.0F : clip(floors_[i] + up));
    }
    if (!(error_of(rounded) < before)) return false;
    detail::copy(rounded, layer_.rounded.begin());
    return true;
  }

  /// The mean squared error of the layer over all positions, summed over channels, with rounded weights.
  [[nodiscard]] double error_of(std::span<const std::int8_t> rounded) {
    for (std::size_t i = 0; i < soft_.size(); ++i) soft_[i] = static_cast<float>(rounded[i]) * scale(i);
    return squared_error(0, samples_.rows(), false);
  }

 private:
  [[nodiscard]] float scale(std::size_t i) const noexcept {
    return layer_.scales[i / (layer_.weights.size() / layer_.scales.size())];
  }
  [[nodiscard]] float clip(float number) const noexcept {
    const auto limit = static_cast<float>(layer_.limit);
    return std::clamp(number, -limit, limit);
  }
  [[nodiscard]] float soft_weight(std::size_t i) const noexcept {
    return layer_.weights[i] == 0 ? 0.0F : clip(floors_[i] + SoftRounding<float>{learned_[i]}.share) * scale(i);
  }
  /// Whether a weight follows its share of rounding up: it is neither zero nor clipped.
  [[nodiscard]] bool moves(std::size_t i, float share) const noexcept {
    return layer_.weights[i] != 0 && std::abs(floors_[i] + share) <= static_cast<float>(layer_.limit);
  }

  /// The error of `rows` positions from `first` on with the weights in `soft_`, and its gradient by them.
  double squared_error(std::size_t first, std::size_t rows, bool with_gradient);

  /// Makes gradients by the outputs, before the activation and times `factor` / 2, of the outputs in `errors_`; gives
  /// the sum of the squared errors.
  template <Activation Function>
  double subtract_targets(std::size_t group, std::size_t first, std::size_t rows, float factor) {
    const std::size_t outputs = samples_.outputs();
    const float* targets = samples_.targets(group, first);
    double sum = 0;
    for (std::size_t row = 0; row < rows; ++row) {
      float of_row = 0;
      for (std::size_t c = 0; c < outputs; ++c) {
        float& number = errors_[row * outputs + c];
        const float x = number + (layer_.bias.empty() ? 0.0F : layer_.bias[group * outputs + c]);
        const float error = activate<Function>(x) - targets[row * outputs + c];
        of_row += error * error;
        number = activation_gradient<Function>(x, factor * error);
      }
      sum += static_cast<double>(of_row);
    }
    return sum;
  }

  LayerWeights layer_;
  const Samples& samples_;
  std::vector<float> floors_;   // Of weight / scale.
  std::vector<float> soft_;     // The weights, times scale, of a step.
  std::vector<float> learned_;  // v of each weight.
  std::vector<float> gradient_;
  std::vector<float> errors_;
};

#ifdef ATTAR_COMPILED
extern template double LayerRounding<LayerSamples>::squared_error(std::size_t, std::size_t, bool);
#endif

}  // namespace detail
}  // namespace attar

#ifndef ATTAR_COMPILED
#include <attar/quantize/layer_rounding_impl.hpp>
#endif
