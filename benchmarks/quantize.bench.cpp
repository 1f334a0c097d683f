// SPDX-License-Identifier: MIT
// Microseconds per image, batch 1, one thread, of the zoo's networks in float, in int8 with weights of 8 and of 7 bits,
// and in the fastest mix of int8 and float layers. Weights are random, which changes no time:
//
//     fp32/resnet20    int8/resnet20    int8_7bit/resnet20    mixed/resnet20
//
//     bench_quantize [--benchmark_filter=/resnet20$]
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>

#include "inference_rows.hpp"
#include "models.hpp"
#include <attar/backend/onednn.hpp>
#include <attar/core/aligned_buffer.hpp>
#include <attar/data/dataset.hpp>
#include <attar/infer/engine.hpp>
#include <attar/model/network.hpp>
#include <attar/model/zoo.hpp>
#include <attar/quantize/fastest_mix.hpp>
#include <attar/quantize/quantize.hpp>

namespace {

using namespace attar;  // NOLINT: the rows read as a user writes them

template <class NetworkType>
void run(benchmark::State& state, const NetworkType& network) {
  using EngineType = Engine<NetworkType, OneDnn>;
  const EngineType engine{network};
  auto context = engine.make_context();
  const std::vector<float> numbers = inference_rows::random_images(EngineType::input_size);
  const std::span<const float, EngineType::input_size> image{numbers};
  for (int i = 0; i < 10; ++i) engine(image, context);
  for (auto _ : state) benchmark::DoNotOptimize(engine(image, context).data());
}

/// The rows of one architecture with random weights.
template <class A>
void add(const std::string& name) {
  const auto add_row = [&](const std::string& precision, auto body) {
    benchmark::RegisterBenchmark((precision + "/" + name).c_str(), body)->UseRealTime()->Unit(benchmark::kMicrosecond);
  };
  add_row("fp32", [](benchmark::State& state) { run(state, Network<A>{Seed{1}}); });
  const auto quantized = []<class Scheme>(benchmark::State& state) {
    const std::vector<float> images = inference_rows::random_images(4 * A::input_shape.size());
    run(state, quantize<Scheme, OneDnn>(Network<A>{Seed{1}}, images));
  };
  add_row("int8", [=](benchmark::State& state) { quantized.template operator()<Int8<>>(state); });
  add_row("mixed", [](benchmark::State& state) {
    const Network<A> network{Seed{1}};
    const std::vector<float> images = inference_rows::random_images(4 * A::input_shape.size());
    const Dataset any{
        A::input_shape, static_cast<int>(A::output_shape.size()), AlignedBuffer<std::uint8_t>{A::input_shape.size()},
        std::vector<int>(1),
        Normalization{std::vector<float>(A::input_shape.channels), std::vector<float>(A::input_shape.channels, 1.0F)}};
    // Whatever it answers is accurate enough: nothing was trained.
    run(state, fastest_mix<MixPolicy<>, OneDnn>(quantize<Int8<>, OneDnn>(network, images), network, std::span{images},
                                                any, {.max_drop = 100})
                   .network);
  });
  add_row("int8_7bit", [=](benchmark::State& state) { quantized.template operator()<Int8<WeightBits<7>>>(state); });
}

[[maybe_unused]] const bool registered = [] {
  add<models::Small>("small");
  add<models::ResNet20>("resnet20");
  add<models::Mobile>("mobile");
  add<zoo::ResNet56<>>("resnet56");
  add<zoo::WideResNet<16, 2>>("wide_resnet_16_2");
  add<zoo::Vgg8<>>("vgg8");
  add<zoo::Vgg13<>>("vgg13");
  add<zoo::MobileNetV2<Input<3, 96, 96>>>("mobilenet_v2_96");
  add<zoo::EfficientNetLite0<Input<3, 96, 96>>>("efficientnet_lite0_96");
  add<zoo::DenseNetBc<40, 12>>("densenet_40_12");
  inference_rows::add_context();
  return true;
}();

}  // namespace
