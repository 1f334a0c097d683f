// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <vector>

#include <attar/core/aligned_buffer.hpp>
#include <attar/infer/engine.hpp>

namespace attar {

/// How long a latency measurement lasts.
struct LatencyOptions {
  int repetitions = 1000;                   ///< At most so many calls.
  std::chrono::milliseconds at_most{2000};  ///< And about so long; at least 10 calls are made.
};

/// The median time of one call in microseconds, after a tenth of that to warm up. The engine's batch and threads
/// are as it was made: for the field's usual figure, batch 1 on one thread, take the default.
template <class NetworkType, class Backend, class BatchType>
[[nodiscard]] double latency_us(const Engine<NetworkType, Backend, BatchType>& engine, LatencyOptions options = {}) {
  using EngineType = Engine<NetworkType, Backend, BatchType>;
  using Clock = std::chrono::steady_clock;
  auto context = engine.make_context();
  AlignedBuffer<float> images{EngineType::input_size};
  for (std::size_t i = 0; i < images.size(); ++i) images[i] = static_cast<float>(i % 17) / 8.0F - 1.0F;
  const auto call = [&] { engine(images.span().template first<EngineType::input_size>(), context); };
  const auto start = Clock::now();
  for (int i = 0; i < options.repetitions / 10 && Clock::now() - start < options.at_most / 10; ++i) call();
  std::vector<double> times;
  for (auto begin = Clock::now(); times.size() < 10 || begin - start < options.at_most;) {
    call();
    const auto end = Clock::now();
    times.push_back(std::chrono::duration<double, std::micro>(end - begin).count());
    if (times.size() == static_cast<std::size_t>(options.repetitions)) break;
    begin = end;
  }
  const auto middle = times.begin() + static_cast<std::ptrdiff_t>(times.size() / 2);
  std::ranges::nth_element(times, middle);
  return *middle;
}

}  // namespace attar
