// SPDX-License-Identifier: MIT
// Microseconds per image of one fp32 convolution with zeros in its weights, on one thread:
//
//     conv3x3_64x14x14/dense        no zeros
//     conv3x3_64x14x14/blocks_75    three of four blocks of 16 outputs are zero: Weights<..., Blocks<16>>
//     conv3x3_64x14x14/single_90    nine of ten weights are zero, scattered
//
// Each row is the engine's own choice of a kernel. Scattered zeros save nothing, and the rows say so.
//
//     bench_sparse [--benchmark_filter=/blocks_75]
#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>

#include <attar/attar.hpp>

namespace {

using namespace attar;  // NOLINT: the layers read as a user writes them

template <class Model, class Policy>
void time_pruned(benchmark::State& state) {
  const Network<Model> network{Seed{1}};
  const InferenceSession<DefaultBackend> session{Model::program, prune<Policy>(network).network.buffer(), 1,
                                                 Threads{1}};
  auto context = session.make_context();
  const std::vector<float> image(session.input_size(), 0.5F);
  std::vector<float> result(session.output_size());
  for (auto _ : state) {
    session.run(image.data(), result.data(), context);
    benchmark::DoNotOptimize(result.data());
  }
}

template <class Model, class... Options>
void add_row(const std::string& name) {
  benchmark::RegisterBenchmark(name.c_str(), time_pruned<Model, Weights<L1Norm, Options...>>)
      ->Unit(benchmark::kMicrosecond)
      ->UseRealTime();
}

template <int Width, int Side, int KernelSize>
void add_layer() {
  // The classifier behind it is never pruned in blocks; it is small.
  using Model =
      Sequential<Input<Width, Side, Side>, Conv2d<Width, Kernel<KernelSize>, Bias>, ReLU, GlobalAvgPool, Linear<10>>;
  const std::string kernel = std::to_string(KernelSize);
  const std::string side = std::to_string(Side);
  const std::string layer = "conv" + kernel + "x" + kernel + "_" + std::to_string(Width) + "x" + side + "x" + side;
  add_row<Model, Sparsity<0, 1>>(layer + "/dense");
  add_row<Model, Sparsity<1, 2>, Blocks<16>>(layer + "/blocks_50");
  add_row<Model, Sparsity<3, 4>, Blocks<16>>(layer + "/blocks_75");
  add_row<Model, Sparsity<9, 10>, Blocks<16>>(layer + "/blocks_90");
  add_row<Model, Sparsity<9, 10>>(layer + "/single_90");
}

[[maybe_unused]] const bool registered = [] {
  add_layer<32, 28, 3>();
  add_layer<64, 14, 3>();
  add_layer<128, 7, 3>();
  add_layer<128, 14, 1>();
  return true;
}();

}  // namespace
