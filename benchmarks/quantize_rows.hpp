// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <iostream>
#include <map>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <benchmark/benchmark.h>

#include "inference_rows.hpp"
#include <attar/backend/embedded.hpp>
#include <attar/backend/onednn.hpp>
#include <attar/core/aligned_buffer.hpp>
#include <attar/data/dataset.hpp>
#include <attar/infer/engine.hpp>
#include <attar/model/network.hpp>
#include <attar/quantize/fastest_mix.hpp>
#include <attar/quantize/quantize.hpp>
#include <attar/report/mix.hpp>
#include <attar/report/steps.hpp>

/// The rows of `bench_quantize`: one architecture in all precisions on a backend.
namespace quantize_rows {

using namespace attar;  // NOLINT: the rows read as a user writes them

template <class A>
const Network<A>& floats() {
  static const Network<A> network{Seed{1}};
  return network;
}
template <class A, class Scheme>
const auto& quantized() {
  static const auto network =
      quantize<Scheme, OneDnn>(floats<A>(), inference_rows::random_images(4 * A::input_shape.size()));
  return network;
}
template <class A, class Backend>
const auto& mixed() {
  static const auto result = [] {
    const std::vector<float> images = inference_rows::random_images(4 * A::input_shape.size());
    const Dataset any{
        A::input_shape, static_cast<int>(A::output_shape.size()), AlignedBuffer<std::uint8_t>{A::input_shape.size()},
        std::vector<int>(1),
        Normalization{std::vector<float>(A::input_shape.channels), std::vector<float>(A::input_shape.channels, 1.0F)}};
    // Whatever it answers is accurate enough: nothing was trained.
    return fastest_mix<MixPolicy<>, Backend>(quantized<A, Int8<>>(), floats<A>(), std::span{images}, any,
                                             {.max_drop = 100});
  }();
  return result;
}

template <class Backend, class NetworkType>
void run(benchmark::State& state, const NetworkType& network) {
  using EngineType = Engine<NetworkType, Backend>;
  const EngineType engine{network};
  auto context = engine.make_context();
  const std::vector<float> numbers = inference_rows::random_images(EngineType::input_size);
  const std::span<const float, EngineType::input_size> image{numbers};
  for (int i = 0; i < 10; ++i) engine(image, context);
  for (auto _ : state) benchmark::DoNotOptimize(engine(image, context).data());
}

/// What prints the steps of a network in fp32 and int8 and the reasons of its fastest mix, by "backend/network".
inline std::map<std::string, void (*)()>& profiles() {
  static std::map<std::string, void (*)()> all;
  return all;
}
template <class A, class Backend>
void print_profile() {
  const auto print = [](const auto& network) {
    std::cout << describe(Engine<std::remove_cvref_t<decltype(network)>, Backend>{network}) << '\n';
  };
  print(floats<A>());
  print(quantized<A, Int8<>>());
  print(mixed<A, Backend>().network);
  std::cout << to_text(mixed<A, Backend>().report) << '\n';
}

template <class A, class Backend>
void add(const std::string& backend, const std::string& name) {
  const auto add_row = [&](const std::string& precision, auto body) {
    benchmark::RegisterBenchmark((backend + "/" + precision + "/" + name).c_str(), body)
        ->UseRealTime()
        ->Unit(benchmark::kMicrosecond);
  };
  add_row("fp32", [](benchmark::State& state) { run<Backend>(state, floats<A>()); });
  add_row("int8", [](benchmark::State& state) { run<Backend>(state, quantized<A, Int8<>>()); });
  add_row("mixed", [](benchmark::State& state) { run<Backend>(state, mixed<A, Backend>().network); });
  add_row("int8_7bit", [](benchmark::State& state) { run<Backend>(state, quantized<A, Int8<WeightBits<7>>>()); });
  if constexpr (std::is_same_v<Backend, Embedded>) {  // To the other, 6 bits are 7.
    add_row("int8_6bit", [](benchmark::State& state) { run<Backend>(state, quantized<A, Int8<WeightBits<6>>>()); });
  }
  profiles()[backend + "/" + name] = &print_profile<A, Backend>;
}

template <class A>
void add(const std::string& name) {
  add<A, Embedded>("embedded", name);
  add<A, OneDnn>("onednn", name);
}

}  // namespace quantize_rows
