// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

#include <benchmark/benchmark.h>
#include <dnnl.h>

#include "bare_convolutions.hpp"
#include <attar/backend/embedded.hpp>
#include <attar/backend/onednn.hpp>
#include <attar/backend/peak.hpp>
#include <attar/core/parallel.hpp>
#include <attar/core/rng.hpp>
#include <attar/infer/engine.hpp>
#include <attar/model/cost.hpp>
#include <attar/model/network.hpp>
#include <attar/quantize/quantize.hpp>

/// Rows of Google Benchmark for the inference engine and, beside each, for the bare oneDNN convolutions of the network.
namespace inference_rows {

inline std::vector<float> random_images(std::size_t numbers) {
  std::vector<float> images(numbers);
  attar::Rng rng{attar::Seed{2}};
  for (float& x : images) x = rng.uniform();
  return images;
}

/// A float or an int8 network with random weights, made once.
template <class Model, bool Int8>
const auto& network() {
  static const auto result = [] {
    attar::Network<Model> floats{attar::Seed{1}};
    if constexpr (Int8) {
      return attar::quantize<attar::Int8<>, attar::OneDnn>(floats, random_images(64 * Model::input_shape.size()));
    } else {
      return floats;
    }
  }();
  return result;
}

/// Notes multiply-adds a second.
template <class Model, int Batch>
void count_work(benchmark::State& state) {
  state.counters["MAC/s"] = benchmark::Counter(static_cast<double>(Batch * attar::cost<Model>.multiply_adds),
                                               benchmark::Counter::kIsIterationInvariantRate);
}

template <class Model, bool Int8, class Backend, int Batch = 1>
using EngineOf = attar::Engine<std::remove_cvref_t<decltype(network<Model, Int8>())>, Backend, attar::BatchSize<Batch>>;

template <class Model, bool Int8, class Backend, int Batch>
void engine(benchmark::State& state, int threads) {
  using EngineType = EngineOf<Model, Int8, Backend, Batch>;
  const EngineType run{network<Model, Int8>(), attar::Threads{threads}};
  auto context = run.make_context();
  const std::vector<float> numbers = random_images(EngineType::input_size);
  const std::span<const float, EngineType::input_size> images{numbers};
  for (auto _ : state) benchmark::DoNotOptimize(run(images, context).data());
  count_work<Model, Batch>(state);
}

template <class Model, bool Int8, int Batch>
void convolutions(benchmark::State& state, int threads) {
  const int before = attar::thread_count();
  attar::set_thread_count(threads);
  BareConvolutions run{Model::program, Batch, Int8};
  for (auto _ : state) run();
  count_work<Model, Batch>(state);
  attar::set_thread_count(before);
}

/// attar/NAME/int8/batch:1/threads:2, and the same of attar-onednn and onednn: the engine on the backend that knows the
/// architecture, the engine on oneDNN, and bare oneDNN.
template <class Model, bool Int8, int Batch>
void add(const std::string& name, int threads) {
  const std::string row = "/" + name + (Int8 ? "/int8" : "/fp32") + "/batch:" + std::to_string(Batch) +
                          "/threads:" + std::to_string(threads);
  const auto add_row = [&](const char* who, auto body) {
    benchmark::RegisterBenchmark((who + row).c_str(), body, threads)->UseRealTime()->Unit(benchmark::kMicrosecond);
  };
  add_row("attar", engine<Model, Int8, attar::Embedded, Batch>);
  add_row("attar-onednn", engine<Model, Int8, attar::OneDnn, Batch>);
  add_row("onednn", convolutions<Model, Int8, Batch>);
}

/// What the figures of all rows depend on: compiler, oneDNN, and the multiply-adds a nanosecond that one core can do at
/// best in the program's instructions (attar/backend/peak.hpp).
inline void add_context() {
  const dnnl_version_t& onednn = *dnnl_version();
  benchmark::AddCustomContext("compiler", __VERSION__);
  benchmark::AddCustomContext(
      "onednn", std::to_string(onednn.major) + "." + std::to_string(onednn.minor) + "." + std::to_string(onednn.patch));
  for (const std::string precision : {"fp32", "int8"}) {
    benchmark::AddCustomContext("peak_" + precision + "_per_ns",
                                std::to_string(attar::peak_multiply_adds_per_ns(precision)));
  }
}

}  // namespace inference_rows
