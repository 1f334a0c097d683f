// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <limits>
#include <optional>
#include <utility>
#include <vector>

#include <attar/backend/call_time.hpp>
#include <attar/backend/default_backend.hpp>
#include <attar/backend/sessions_of.hpp>
#include <attar/backend/step_session.hpp>
#include <attar/core/aligned_buffer.hpp>
#include <attar/data/dataset.hpp>
#include <attar/model/fold_batch_norm.hpp>
#include <attar/model/layer_precision.hpp>
#include <attar/model/network.hpp>
#include <attar/quantize/fall_back.hpp>
#include <attar/quantize/image_source.hpp>
#include <attar/quantize/layer_sensitivity.hpp>
#include <attar/quantize/mix.hpp>
#include <attar/quantize/mix_policy.hpp>
#include <attar/quantize/mix_report.hpp>
#include <attar/quantize/mix_times.hpp>
#include <attar/quantize/mix_trial.hpp>

namespace attar {

/// What `fastest_mix` must meet, and how it measures.
struct FastestMixOptions {
  double max_drop = 0.5;                        ///< Points of accuracy below the float network, at most.
  LayerPrecision other = LayerPrecision::fp32;  ///< What is not int8: fp32 or bf16.
  int batch = 1;                                ///< What the times are for.
  Threads threads{1};
  LatencyOptions latency{.repetitions = 300, .at_most = std::chrono::milliseconds{500}};  ///< Of each layer.
  int rounds = 25;  ///< Whole networks are timed in turns, so often.
};

namespace detail {

/// The median times of sessions that run in turns, so that a machine that slows down slows them all, in microseconds.
template <class Session>
[[nodiscard]] std::vector<double> times_in_turns_us(const std::vector<Session>& sessions, int rounds) {
  std::vector<std::vector<double>> times(sessions.size());
  AlignedBuffer<float> images{sessions[0].input_size()};
  AlignedBuffer<float> logits{sessions[0].output_size()};
  for (std::size_t i = 0; i < images.size(); ++i) images[i] = static_cast<float>(i % 17) / 8 - 1;
  std::vector<typename Session::Context> contexts;
  for (const Session& session : sessions) contexts.push_back(session.make_context());
  for (int round = 0; round < std::max(rounds, 1); ++round) {
    for (std::size_t i = 0; i < sessions.size(); ++i) {
      times[i].push_back(median_call_us([&] { sessions[i].run(images.data(), logits.data(), contexts[i]); },
                                        {.repetitions = 30, .at_most = std::chrono::milliseconds{10}}));
    }
  }
  std::vector<double> medians;
  for (std::vector<double>& of_session : times) medians.push_back(median(of_session));
  return medians;
}

/// Finds the fastest precisions under a bound on accuracy: that of `Backend`, the times of `Session`. One that
/// runs `by_image` is timed by one image on one thread, layer by layer.
template <class Backend, class Session, bool ByImage>
class FastestMix {
 public:
  using Asked = std::vector<std::optional<LayerPrecision>>;

  FastestMix(const MixTrial<Backend>& trial, const Dataset& validation, const FastestMixOptions& options,
             const Asked& asked)
      : trial_{trial},
        options_{options},
        asked_{asked},
        times_{trial, ByImage ? 1 : options.batch, ByImage ? Threads{1} : options.threads, options.latency},
        costs_{measure_sensitivity(trial, nullptr)},
        fallback_{trial, validation, {.max_drop = options.max_drop, .other = options.other}, [](const auto&) {
                    return std::size_t{0};
                  }} {
    report_.other = options.other;
    const RowPrecisions floats = where_not_asked(options.other, asked);
    const RowPrecisions bytes = where_not_asked(LayerPrecision::int8, asked);
    report_.all_float.accuracy = fallback_.accuracy(floats);
    report_.all_int8.accuracy = fallback_.accuracy(bytes);
    RowPrecisions mixed = fastest_by_times();
    const RowPrecisions wanted = mixed;
    const double accuracy = fallback_.meet(mixed, asked, costs_);
    choose(floats, bytes, mixed, accuracy);
    report_.layers = report_layers(trial, precisions_, asked, costs_);
    for (std::size_t i = 0; i < report_.layers.size(); ++i)
      explain(report_.layers[i], costs_.layers[i].row, wanted, mixed);
  }

  [[nodiscard]] const RowPrecisions& precisions() const noexcept { return precisions_; }
  [[nodiscard]] const MixReport& report() const noexcept { return report_; }

 private:
  [[nodiscard]] RowPrecisions fastest_by_times() const {
    std::vector<int> free;
    for (const int row : trial_.rows()) {
      if (!asked_[static_cast<std::size_t>(row)]) free.push_back(row);
    }
    const std::array choices{LayerPrecision::int8, options_.other};
    const auto predict = [&](const RowPrecisions& precisions) { return times_.predict_us(precisions); };
    std::vector<RowPrecisions> found;
    for (const LayerPrecision start : choices) {
      found.push_back(fastest_runs(where_not_asked(start, asked_), free, choices, predict));
    }
    return predict(found[0]) <= predict(found[1]) ? found[0] : found[1];
  }

  /// The fastest of what is accurate enough, by measuring whole networks; the floats in doubt.
  void choose(const RowPrecisions& floats, const RowPrecisions& bytes, const RowPrecisions& mixed, double accuracy) {
    const std::vector<const RowPrecisions*> all{&floats, &bytes, &mixed};
    std::vector<Session> sessions;
    for (const RowPrecisions* precisions : all) {
      sessions.emplace_back(trial_.model(*precisions), options_.batch, options_.threads);
    }
    const std::vector<double> us = times_in_turns_us(sessions, options_.rounds);
    report_.all_float.us = us[0];
    report_.all_int8.us = us[1];
    const std::vector<double> accuracies{report_.all_float.accuracy, report_.all_int8.accuracy, accuracy};
    std::size_t best = 0;
    for (const std::size_t i : {std::size_t{1}, std::size_t{2}}) {
      if (fallback_.accurate_enough(accuracies[i]) && us[i] < us[best]) best = i;
    }
    precisions_ = *all[best];
    report_.mixed = {accuracies[best], us[best]};
  }

  /// `wanted` is what is fastest, `mixed` the same within the bound.
  void explain(MixedLayer& layer, int row, const RowPrecisions& wanted, const RowPrecisions& mixed) const {
    const auto index = static_cast<std::size_t>(row);
    layer.int8_us = times_.row_us(row, LayerPrecision::int8);
    layer.float_us = times_.row_us(row, options_.other);
    if (layer.reason == MixReason::asked) return;
    const bool is_int8 = layer.precision == LayerPrecision::int8;
    const bool fell_back = wanted[index] == LayerPrecision::int8 && mixed[index] != LayerPrecision::int8;
    if (!is_int8 && fell_back) {
      layer.reason = MixReason::sensitive;
    } else {
      const bool fastest = is_int8 ? layer.int8_us <= layer.float_us : layer.float_us <= layer.int8_us;
      layer.reason = fastest ? MixReason::fastest : MixReason::neighbours;
    }
  }

  const MixTrial<Backend>& trial_;
  FastestMixOptions options_;
  const Asked& asked_;
  MixTimes<Backend, Session> times_;
  Int8Sensitivity costs_;
  Fallback<Backend> fallback_;
  RowPrecisions precisions_;
  MixReport report_;
};

}  // namespace detail

/// The fastest mix of int8 and floats on this machine under a bound on the loss of accuracy. Each layer is timed in
/// int8 and in floats, and each conversion between them; runs of layers take the precision by which the sum of the
/// times is least; layers fall back to floats as in `fall_back` until the accuracy on `validation` is within the bound;
/// then the network in floats, the one in int8 (if accurate enough) and the mix are timed in turns, and the fastest is
/// given: it is never slower than floats by that measurement. The times are those of this machine, backend, batch and
/// number of threads.
///
///     auto [mixed, report] = fastest_mix(int8, network, data.train.take(256), data.train.drop(55000));
///     std::cout << to_text(report);
///
/// `Policy`, `calibration`, `validation` and errors are those of `fall_back`.
template <class Policy = MixPolicy<>, class Backend = DefaultBackend, class Quantized, Architecture A, class Images>
[[nodiscard]] MixResult<mix_t<Quantized>> fastest_mix(const Quantized& int8, const Network<A>& network,
                                                      const Images& calibration, const Dataset& validation,
                                                      const FastestMixOptions& options = {}) {
  detail::require_int8_of<Quantized, A>();
  const auto folded = fold_batch_norm(network);
  using Trial = detail::RunTimeBackend<Backend>;
  using Session = typename detail::SessionsOf<typename Quantized::ArchitectureType, Backend,
                                              Quantized::Scheme::weight_limit>::Mixed;
  const detail::MixTrial<Trial> trial{int8.model(), folded.buffer(), options.other,
                                      detail::ImageSource{calibration, A::input_shape, "images for sensitivity"}};
  const auto asked = detail::asked_precisions<Policy>(Quantized::program, {});
  const detail::FastestMix<Trial, Session, detail::runs_by_image<Backend>> fastest{trial, validation, options, asked};
  return {{int8, folded, fastest.precisions()}, fastest.report()};
}

}  // namespace attar
