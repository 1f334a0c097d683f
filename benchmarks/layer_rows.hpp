// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <benchmark/benchmark.h>

#include "bare_convolutions.hpp"
#include <attar/backend/embedded/float_product.hpp>
#include <attar/backend/embedded/int8_product.hpp>
#include <attar/backend/embedded/tiling.hpp>
#include <attar/backend/int8_program.hpp>
#include <attar/backend/reference.hpp>
#include <attar/core/rng.hpp>
#include <attar/model/int8_model.hpp>

/// Rows of Google Benchmark for single convolutions, each with a ReLU, on one image and one thread. The images lie in
/// memory as the network's other layers leave them: floats, or u8.
namespace layer_rows {

/// A convolution as a line of a shape file: square kernels, padded so that stride 1 keeps the size.
struct Convolution {
  int channels, height, width, outputs, kernel, stride, groups;

  [[nodiscard]] constexpr attar::Shape in() const { return {channels, height, width}; }
  [[nodiscard]] constexpr attar::Op op() const {
    return {.kind = attar::OpKind::conv2d,
            .operand_count = 1,
            .output = 1,
            .window = {{kernel, kernel}, {stride, stride}, {kernel / 2, kernel / 2}, {1, 1}},
            .groups = groups,
            .weight = 0,
            .bias = 1,
            .activation = attar::Activation::relu,
            .layer = 0};
  }
  [[nodiscard]] constexpr attar::Shape out() const {
    const attar::Extent size = op().window.output(in());
    return {outputs, size.height, size.width};
  }
  /// "conv3x3_64x56x56_128_stride2", "depthwise5x5_240x28x28".
  [[nodiscard]] std::string name() const {
    const bool depthwise = groups > 1;
    std::array<char, 100> text{};
    std::snprintf(text.data(), text.size(), "%s%dx%d_%dx%dx%d", depthwise ? "depthwise" : "conv", kernel, kernel,
                  channels, height, width);
    std::string name{text.data()};
    if (!depthwise) name.append("_").append(std::to_string(outputs));
    if (stride > 1) name.append("_stride").append(std::to_string(stride));
    return name;
  }
};

/// A network of one convolution with random weights, in floats and in int8.
class Layer {
 public:
  explicit Layer(const Convolution& shape) : ops_{shape.op()}, values_{shape.in(), shape.out()} {
    const std::array<int, 4> dims{shape.outputs, shape.channels / shape.groups, shape.kernel, shape.kernel};
    const auto outputs = static_cast<std::size_t>(shape.outputs);
    const std::size_t size = outputs * static_cast<std::size_t>(dims[1] * dims[2] * dims[3]);
    parameters_ = {
        attar::Parameter{.role = attar::Role::weight, .dims = dims, .rank = 4, .size = size},
        attar::Parameter{.role = attar::Role::bias, .dims = {dims[0]}, .rank = 1, .size = outputs, .offset = size}};
    attar::Rng rng{attar::Seed{1}};
    for (std::size_t i = 0; i < size + outputs; ++i) floats_.push_back(0.1F * rng.normal());
    for (std::size_t i = 0; i < size; ++i) bytes_.push_back(static_cast<std::int8_t>(rng.uniform() * 255 - 127));
    program_.ops = ops_;
    program_.values = values_;
    program_.parameters = parameters_;
    program_.output = 1;
    program_.buffer_size = floats_.size();
    weight_scales_.assign(outputs, 0.001F);
  }
  Layer(const Layer&) = delete;
  Layer& operator=(const Layer&) = delete;

  [[nodiscard]] const attar::Program& program() const { return program_; }
  [[nodiscard]] attar::OperationContext context() const { return {ops_[0], program_, 1}; }
  [[nodiscard]] std::span<const float> parameters() const { return floats_; }
  [[nodiscard]] std::span<const float> weights() const { return std::span{floats_}.first(bytes_.size()); }
  [[nodiscard]] std::span<const float> bias() const { return std::span{floats_}.subspan(bytes_.size()); }
  [[nodiscard]] std::span<const std::int8_t> int8_weights() const { return bytes_; }
  /// From u8 to u8.
  [[nodiscard]] attar::detail::Int8Op int8() const {
    const std::array places{attar::Int8Place{}, attar::Int8Place{}};
    const std::array scales{0.01F, 0.05F};
    const std::array<std::uint8_t, 2> signs{0, 0};
    const attar::Int8Model model{program_, places, bytes_, weight_scales_, bias(), scales, signs};
    const attar::FusedProgram within_a_network{{}, -1};
    return attar::detail::Int8Preparer{model, within_a_network}.prepare(ops_[0]);
  }

 private:
  std::array<attar::Op, 1> ops_;
  std::array<attar::Shape, 2> values_;
  std::array<attar::Parameter, 2> parameters_;
  std::vector<float> floats_;
  std::vector<std::int8_t> bytes_;
  std::vector<float> weight_scales_;
  attar::Program program_;
};

/// Runs for as long as Google Benchmark wants, and notes multiply-adds a second.
template <class Run>
void time(benchmark::State& state, const attar::Program& program, Run&& run) {
  for (auto _ : state) run();
  const auto work = multiply_adds(program.ops[0], program.input_shape(), program.output_shape());
  state.counters["MAC/s"] =
      benchmark::Counter(static_cast<double>(work), benchmark::Counter::kIsIterationInvariantRate);
}

/// A step of a session alone, with memory of its own.
inline void time_step(benchmark::State& state, const attar::Program& program, bool int8, std::size_t scratchpad_bytes,
                      auto&& execute) {
  const std::size_t number = int8 ? 1 : sizeof(float);
  attar::AlignedBuffer<std::byte> in{program.input_shape().size() * number};
  attar::AlignedBuffer<std::byte> out{program.output_shape().size() * number};
  attar::AlignedBuffer<std::byte> scratchpad{scratchpad_bytes};
  std::ranges::fill(in, std::byte{0x3C});  // An ordinary number as float and as u8.
  const attar::detail::StepPointers pointers{{in.data()}, nullptr, out.data(), scratchpad.data()};
  time(state, program, [&] {
    execute(pointers);
    benchmark::DoNotOptimize(out.data());
    benchmark::ClobberMemory();
  });
}

template <Convolution Shape, bool Int8>
void embedded(benchmark::State& state) {
  using namespace attar::detail;  // NOLINT: a step of the library without its session
  constexpr ProductShape product = product_shape(Shape.op(), Shape.in(), Shape.out());
  constexpr attar::Activation relu = attar::Activation::relu;
  const Layer layer{Shape};
  if constexpr (Int8) {
    const Int8Product step{product, layer.int8(), layer.int8_weights()};
    time_step(state, layer.program(), Int8, Int8Product::scratchpad_bytes(product),
              [&](const StepPointers& pointers) { step.execute<product, relu, false>(pointers); });
  } else {
    const FloatProduct step{product, layer.weights(), layer.bias()};
    time_step(state, layer.program(), Int8, FloatProduct::scratchpad_bytes(product),
              [&](const StepPointers& pointers) { step.execute<product, relu>(pointers); });
  }
}

inline void bare_onednn(benchmark::State& state, const Convolution& shape, bool int8) {
  const Layer layer{shape};
  const int before = attar::thread_count();
  attar::set_thread_count(1);
  BareConvolutions run{layer.program(), 1, int8};
  time(state, layer.program(), [&] { run(); });
  attar::set_thread_count(before);
}

inline void reference(benchmark::State& state, const Convolution& shape, bool int8) {
  using Backend = attar::Reference<float>;
  const Layer layer{shape};
  const auto run = [&](const auto& step) {
    time_step(state, layer.program(), int8, step.scratchpad_bytes(), [&](const attar::detail::StepPointers& pointers) {
      auto binding = step.bind(pointers);
      step.execute(binding);
    });
  };
  const int before = attar::thread_count();
  attar::set_thread_count(1);
  if (int8) {
    run(attar::detail::Int8InferenceOf<Backend>::prepare(layer.int8(), layer.context(), layer.int8_weights(), false));
  } else {
    run(attar::detail::InferenceOf<Backend, float>::prepare(layer.context(), layer.parameters(), false));
  }
  attar::set_thread_count(before);
}

/// attar/resnet50/conv1x1_64x56x56_64/int8, and the same of onednn and reference; both precisions.
template <Convolution Shape>
void add(const std::string& network) {
  const auto add_rows = [&](bool int8, auto attar_row) {
    const std::string row = "/" + network + "/" + Shape.name() + (int8 ? "/int8" : "/fp32");
    const auto add_row = [&](const char* who, auto&& body) {
      benchmark::RegisterBenchmark((who + row).c_str(), body)->UseRealTime()->Unit(benchmark::kMicrosecond);
    };
    add_row("attar", attar_row);
    add_row("onednn", [int8](benchmark::State& state) { bare_onednn(state, Shape, int8); });
    add_row("reference", [int8](benchmark::State& state) { reference(state, Shape, int8); });
  };
  add_rows(false, embedded<Shape, false>);
  add_rows(true, embedded<Shape, true>);
}

}  // namespace layer_rows
