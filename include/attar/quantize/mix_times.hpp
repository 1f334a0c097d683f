// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <map>
#include <span>
#include <tuple>
#include <utility>
#include <vector>

#include <attar/backend/call_time.hpp>
#include <attar/backend/kernels/convert_step.hpp>
#include <attar/backend/mixed_program.hpp>
#include <attar/backend/profile.hpp>
#include <attar/backend/step_session.hpp>
#include <attar/core/aligned_buffer.hpp>
#include <attar/model/fuse.hpp>
#include <attar/model/layer_precision.hpp>
#include <attar/quantize/mix_trial.hpp>

namespace attar::detail {

/// How long each operation takes here in int8 and in floats, within networks that are so throughout, and each
/// conversion; from which the time of any mix is predicted. `Backend` is that of the trial, `Session` what is timed.
template <class Backend, class Session>
class MixTimes {
 public:
  MixTimes(const MixTrial<Backend>& trial, int batch, Threads threads, LatencyOptions latency)
      : trial_{trial}, batch_{static_cast<std::size_t>(batch)}, fused_{fuse(trial.program(), FuseFor::inference)} {
    for (const LayerPrecision precision : {LayerPrecision::int8, trial.other()}) {
      const RowPrecisions all = trial.all(precision);
      of_value_[precision] =
          value_times_us(Session{trial.model(all), batch, threads}, trial.program().values.size(), latency);
    }
    const ThreadScope scope{threads};
    for (const Shape& shape : trial.program().values) measure_conversions(batch_ * shape.size());
  }

  /// Microseconds of the operations of a row of the layer table.
  [[nodiscard]] double row_us(int row, LayerPrecision precision) const {
    double sum = 0;
    for (const Op& op : fused_.ops) {
      if (op.layer == row) sum += of_value_.at(precision)[static_cast<std::size_t>(op.output)];
    }
    return sum;
  }

  /// The time that a mix should take in microseconds. What a policy asks to have another precision than the two that
  /// were measured counts as floats.
  [[nodiscard]] double predict_us(std::span<const LayerPrecision> precisions) const {
    RowPrecisions rows{precisions.begin(), precisions.end()};
    for (LayerPrecision& precision : rows) {
      if (precision != LayerPrecision::int8) precision = trial_.other();
    }
    const MixedProgram mixed = MixedProgramBuilder{trial_.program(), rows}.build();
    double sum = conversion_us(LayerPrecision::fp32, mixed.values[0].format, mixed.shapes[0]);
    for (std::size_t i = 0; i < mixed.fused.ops.size(); ++i) {
      const Op& op = mixed.fused.ops[i];
      const auto output = static_cast<std::size_t>(op.output);
      if (mixed.converts[i]) {
        const auto from = static_cast<std::size_t>(op.operands[0]);
        sum += conversion_us(mixed.values[from].format, mixed.precisions[i], mixed.shapes[output]);
      } else {
        sum += of_value_.at(mixed.precisions[i])[output];
      }
    }
    return sum;
  }

 private:
  using Conversion = std::tuple<std::size_t, LayerPrecision, LayerPrecision>;

  void measure_conversions(std::size_t count) {
    for (const LayerPrecision from : {LayerPrecision::fp32, trial_.other(), LayerPrecision::int8}) {
      for (const LayerPrecision to : {LayerPrecision::fp32, trial_.other(), LayerPrecision::int8}) {
        if (conversions_.contains({count, from, to})) continue;
        AlignedBuffer<std::byte> source{count * size_of(from)};
        AlignedBuffer<std::byte> result{count * size_of(to)};
        conversions_[{count, from, to}] =
            median_call_us([&] { convert_numbers({from, to}, source.data(), count, result.data()); },
                           {.repetitions = 100, .at_most = std::chrono::milliseconds{2}});
      }
    }
  }
  [[nodiscard]] double conversion_us(LayerPrecision from, LayerPrecision to, const Shape& shape) const {
    return conversions_.at({batch_ * shape.size(), from, to});
  }

  const MixTrial<Backend>& trial_;
  std::size_t batch_;
  FusedProgram fused_;
  std::map<LayerPrecision, std::vector<double>> of_value_;
  std::map<Conversion, double> conversions_;
};

/// The fastest precisions of `rows` by `predict_us(precisions)`, which starts from `precisions`: runs of neighbouring
/// layers change to a precision together as long as that helps, for a single layer between others rarely pays its two
/// conversions. `rows` are in order of execution.
template <class Predict>
[[nodiscard]] RowPrecisions fastest_runs(RowPrecisions precisions, std::span<const int> rows,
                                         std::span<const LayerPrecision> choices, const Predict& predict_us) {
  double best = predict_us(precisions);
  for (bool better = true; better;) {
    better = false;
    RowPrecisions fastest = precisions;
    for (std::size_t first = 0; first < rows.size(); ++first) {
      for (const LayerPrecision choice : choices) {
        RowPrecisions changed = precisions;
        for (std::size_t last = first; last < rows.size(); ++last) {
          changed[static_cast<std::size_t>(rows[last])] = choice;
          const double us = predict_us(changed);
          if (us >= best) continue;
          best = us;
          fastest = changed;
          better = true;
        }
      }
    }
    precisions = fastest;
  }
  return precisions;
}

}  // namespace attar::detail
