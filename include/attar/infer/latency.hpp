// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>

#include <attar/backend/call_time.hpp>
#include <attar/core/aligned_buffer.hpp>
#include <attar/infer/engine.hpp>

namespace attar {

/// The median time of one call in microseconds, after a tenth of that to warm up. The engine's batch and threads
/// are as it was made: for the field's usual figure, batch 1 on one thread, take the default.
template <class NetworkType, class Backend, class BatchType>
[[nodiscard]] double latency_us(const Engine<NetworkType, Backend, BatchType>& engine, LatencyOptions options = {}) {
  using EngineType = Engine<NetworkType, Backend, BatchType>;
  auto context = engine.make_context();
  AlignedBuffer<float> images{EngineType::input_size};
  for (std::size_t i = 0; i < images.size(); ++i) images[i] = static_cast<float>(i % 17) / 8.0F - 1.0F;
  return median_call_us([&] { engine(images.span().template first<EngineType::input_size>(), context); }, options);
}

}  // namespace attar
