// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include <attar/core/aligned_buffer.hpp>
#include <attar/core/error.hpp>
#include <attar/core/parallel.hpp>
#include <attar/core/shape.hpp>
#include <attar/data/dataset.hpp>
#include <attar/data/normalizer.hpp>
#include <attar/infer/engine.hpp>

namespace attar {

/// The accuracy of an engine on labelled images, in percent: each image's label against the class with the largest
/// logit (of equals the lowest). Threads share the engine and divide the images among them. Throws `Error` with
/// `architecture_mismatch` where images or classes do not fit the network, and `invalid_data` without images.
template <class NetworkType, class Backend, class BatchType>
[[nodiscard]] double evaluate(const Engine<NetworkType, Backend, BatchType>& engine, const Dataset& data) {
  using EngineType = Engine<NetworkType, Backend, BatchType>;
  constexpr auto batch = static_cast<std::size_t>(EngineType::batch);
  if (data.shape() != EngineType::input_shape) {
    raise(
        Error{ErrorCode::architecture_mismatch, "images", to_string(EngineType::input_shape), to_string(data.shape())});
  }
  if (static_cast<std::size_t>(data.classes()) > EngineType::classes) {
    raise(Error{ErrorCode::architecture_mismatch, "classes", "at most " + std::to_string(EngineType::classes),
                std::to_string(data.classes())});
  }
  if (data.size() == 0) raise(Error{ErrorCode::invalid_data, "images", "at least one", "none"});

  struct Worker {
    typename EngineType::Context context;
    AlignedBuffer<float> images{EngineType::input_size};
    std::size_t hits = 0;
  };
  std::vector<Worker> workers;  // Made here, because a parallel loop must not throw.
  for (int i = 0; i < thread_count(); ++i) workers.push_back({engine.make_context()});
  const Normalizer normalize{data.shape(), data.normalization()};
  const std::size_t batches = (data.size() + batch - 1) / batch;
  parallel_ranges(batches, [&](std::size_t begin, std::size_t end, std::size_t thread) {
    Worker& worker = workers[thread];
    for (std::size_t i = begin; i < end; ++i) {
      const std::size_t first = i * batch;
      const std::size_t count = std::min(batch, data.size() - first);
      const std::size_t size = data.shape().size();
      for (std::size_t k = 0; k < count; ++k) {
        normalize(data.image(first + k), worker.images.span().subspan(k * size, size));
      }
      engine(worker.images.span().template first<EngineType::input_size>(), worker.context);
      for (std::size_t k = 0; k < count; ++k) {
        const bool hit = EngineType::label(worker.context, static_cast<int>(k)) == data.label(first + k);
        worker.hits += hit ? 1 : 0;
      }
    }
  });
  std::size_t hits = 0;
  for (const Worker& worker : workers) hits += worker.hits;
  return 100.0 * static_cast<double>(hits) / static_cast<double>(data.size());
}

}  // namespace attar
