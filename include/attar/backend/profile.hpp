// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <vector>

#include <attar/backend/call_time.hpp>
#include <attar/core/aligned_buffer.hpp>
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

}  // namespace detail

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
