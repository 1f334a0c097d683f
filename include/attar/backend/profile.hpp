// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <chrono>
#include <concepts>
#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include <attar/backend/call_time.hpp>
#include <attar/backend/peak.hpp>
#include <attar/backend/step_description.hpp>
#include <attar/core/aligned_buffer.hpp>
#include <attar/layers/op.hpp>
#include <attar/model/fuse.hpp>
#include <attar/model/program.hpp>

namespace attar {

namespace detail {

/// How long each value of a program takes to be computed in a session that was made of it without taps: median
/// microseconds of one batch, taken within whole runs, so that caches are as they are in use; 0 for what is not
/// computed. What a session does between two values that it shows counts for the second.
template <class Session>
[[nodiscard]] std::vector<double> value_times_us(const Session& session, std::size_t values, LatencyOptions options) {
  using Clock = std::chrono::steady_clock;
  std::vector<std::vector<double>> times(values);
  for (std::vector<double>& of_value : times) of_value.reserve(static_cast<std::size_t>(options.repetitions));
  auto context = session.make_context();
  AlignedBuffer<typename Session::Scalar> images{session.input_size()};
  AlignedBuffer<typename Session::Scalar> logits{session.output_size()};
  for (std::size_t i = 0; i < images.size(); ++i) {
    images[i] = static_cast<typename Session::Scalar>(i % 17) / 8 - 1;
  }

  Clock::time_point before;
  const auto run = [&] {
    session.run(images.data(), logits.data(), context, [&](int value, auto&&) {
      if (value != 0) {
        const std::chrono::duration<double, std::micro> time = Clock::now() - before;
        times[static_cast<std::size_t>(value)].push_back(time.count());
      }
      before = Clock::now();
    });
  };
  const auto start = Clock::now();
  for (int i = 0; i < options.repetitions / 10 && Clock::now() - start < options.at_most / 10; ++i) run();
  for (std::vector<double>& of_value : times) of_value.clear();
  for (int i = 0; i < options.repetitions && (i < 10 || Clock::now() - start < options.at_most); ++i) run();

  std::vector<double> medians(values);
  for (std::size_t value = 0; value < values; ++value) {
    if (times[value].empty()) continue;
    medians[value] = median(times[value]);
  }
  return medians;
}

/// An engine that takes one image at a time, so that its steps come one behind the other.
template <class EngineType>
concept Profiled = requires(const EngineType& engine) {
  { engine.steps() } -> std::same_as<std::vector<StepDescription>>;
  engine.session();
  engine.threads();
  requires EngineType::batch == 1;
};

}  // namespace detail

/// The steps of an engine of batch 1 with the time that each takes and its share of the CPU's peak (of all threads that
/// the engine may use). Times are medians taken within whole runs. Bringing the images in (int8: quantizing them) is no
/// step, nor is what a call costs beside: `latency_us` says how long all takes.
template <detail::Profiled EngineType>
[[nodiscard]] std::vector<StepDescription> profile(const EngineType& engine, LatencyOptions options = {}) {
  std::vector<StepDescription> steps = engine.steps();
  std::size_t values = 1;
  for (const StepDescription& step : steps) values = std::max(values, static_cast<std::size_t>(step.op.output) + 1);
  const std::vector<double> times = detail::value_times_us(engine.session(), values, options);

  std::map<std::string, double> peaks;
  const auto peak_in = [&](const std::string& precision) {
    const auto [place, is_new] = peaks.try_emplace(precision);
    if (is_new) place->second = peak_multiply_adds_per_ns(precision);
    return place->second;
  };
  for (StepDescription& step : steps) {
    step.microseconds = times[static_cast<std::size_t>(step.op.output)];
    const auto work = static_cast<double>(multiply_adds(step.op, step.in, step.out));
    if (step.op.layer < 0 || work == 0 || step.microseconds == 0) continue;
    const double peak = peak_in(step.precision) * engine.threads().count;
    if (peak > 0) step.peak_share = work / (1000 * step.microseconds * peak);
  }
  return steps;
}

/// How long each layer of a program takes in a session that was made of it without taps (an `InferenceSession`, an
/// `Int8Session` or a `MixedSession`): median microseconds of one batch for each row of the layer table, taken within
/// whole runs. What a backend does within another step (a ReLU behind a convolution) takes 0, and its time is the
/// other's; so is a conversion before a layer. A step that takes less than some ten nanoseconds cannot be told from the
/// clock.
template <class Session>
[[nodiscard]] std::vector<double> profile_us(const Session& session, const Program& program,
                                             LatencyOptions options = {}) {
  const std::vector<double> times = detail::value_times_us(session, program.values.size(), options);
  std::vector<double> microseconds(program.rows.size());
  for (const Op& op : fuse(program, FuseFor::inference).ops) {
    microseconds[static_cast<std::size_t>(op.layer)] += times[static_cast<std::size_t>(op.output)];
  }
  return microseconds;
}

}  // namespace attar
