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

/// The precision of a row that is not a scheme of `quantize`.
struct Floats {};

template <class Precision>
std::string name_of() {
  if constexpr (std::is_same_v<Precision, Floats>) {
    return "fp32";
  } else {
    constexpr int bits = Precision::Bits::bits;
    return bits == 8 ? "int8" : "int8_" + std::to_string(bits) + "bit";
  }
}

/// A network in floats or by a scheme, with random weights, made once.
template <class Model, class Precision>
const auto& network() {
  static const auto result = [] {
    attar::Network<Model> floats{attar::Seed{1}};
    if constexpr (std::is_same_v<Precision, Floats>) {
      return floats;
    } else {
      return attar::quantize<Precision, attar::OneDnn>(floats, random_images(64 * Model::input_shape.size()));
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

template <class Model, class Precision, class Backend, int Batch = 1>
using EngineOf =
    attar::Engine<std::remove_cvref_t<decltype(network<Model, Precision>())>, Backend, attar::BatchSize<Batch>>;

template <class Model, class Precision, class Backend, int Batch>
void engine(benchmark::State& state, int threads) {
  using EngineType = EngineOf<Model, Precision, Backend, Batch>;
  const EngineType run{network<Model, Precision>(), attar::Threads{threads}};
  auto context = run.make_context();
  const std::vector<float> numbers = random_images(EngineType::input_size);
  const std::span<const float, EngineType::input_size> images{numbers};
  for (auto _ : state) benchmark::DoNotOptimize(run(images, context).data());
  count_work<Model, Batch>(state);
}

template <class Model, class Precision, int Batch>
void convolutions(benchmark::State& state, int threads) {
  const int before = attar::thread_count();
  attar::set_thread_count(threads);
  BareConvolutions run{Model::program, Batch, !std::is_same_v<Precision, Floats>};
  for (auto _ : state) run();
  count_work<Model, Batch>(state);
  attar::set_thread_count(before);
}

/// attar/NAME/int8/batch:1/threads:2, and the same of attar-onednn and onednn: the engine on the backend that knows the
/// architecture, the engine on oneDNN, and bare oneDNN. Of narrow weights, which are the same to oneDNN, the first
/// alone.
template <class Model, class Precision, int Batch>
void add(const std::string& name, int threads) {
  const std::string precision = name_of<Precision>();
  const std::string row =
      "/" + name + "/" + precision + "/batch:" + std::to_string(Batch) + "/threads:" + std::to_string(threads);
  const auto add_row = [&](const char* who, auto body) {
    benchmark::RegisterBenchmark((who + row).c_str(), body, threads)->UseRealTime()->Unit(benchmark::kMicrosecond);
  };
  add_row("attar", engine<Model, Precision, attar::Embedded, Batch>);
  if constexpr (std::is_same_v<Precision, Floats> || std::is_same_v<Precision, attar::Int8<>>) {
    add_row("attar-onednn", engine<Model, Precision, attar::OneDnn, Batch>);
    add_row("onednn", convolutions<Model, Precision, Batch>);
  }
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
