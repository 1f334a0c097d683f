// SPDX-License-Identifier: MIT
// Images per second of a whole training step on the three models, in fp32 and bf16.
//
//     OMP_NUM_THREADS=2 ATTAR_BATCH=128 bench_training [--benchmark_filter=resnet20/bf16]
//
// ATTAR_BATCH is 128 if not set, OMP_NUM_THREADS the number of cores.
#include <cstdlib>
#include <string>

#include <benchmark/benchmark.h>
#include <dnnl.h>

#include "models.hpp"
#include "training_step.hpp"
#include <attar/core/dtype.hpp>
#include <attar/core/parallel.hpp>

namespace {

int batch_size() {
  const char* text = std::getenv("ATTAR_BATCH");  // NOLINT: nothing sets variables while this runs
  return text == nullptr ? 128 : std::stoi(text);
}

template <class Model, class Storage>
void training(benchmark::State& state) {
  const int batch = batch_size();
  TrainingStep<Model, Storage> step{batch};
  for (int i = 0; i < 4; ++i) step();  // Warms up, as for the peers.
  for (auto _ : state) benchmark::DoNotOptimize(step());
  state.SetItemsProcessed(state.iterations() * batch);
}

using models::Mobile;
using models::ResNet20;
using models::Small;

[[maybe_unused]] const bool context = [] {
  const dnnl_version_t& onednn = *dnnl_version();
  benchmark::AddCustomContext("compiler", __VERSION__);
  benchmark::AddCustomContext(
      "onednn", std::to_string(onednn.major) + "." + std::to_string(onednn.minor) + "." + std::to_string(onednn.patch));
  benchmark::AddCustomContext("threads", std::to_string(attar::thread_count()));
  benchmark::AddCustomContext("batch", std::to_string(batch_size()));
  return true;
}();

}  // namespace

BENCHMARK(training<Small, float>)->Name("small/fp32")->UseRealTime()->Unit(benchmark::kMillisecond);
BENCHMARK(training<Small, attar::bf16>)->Name("small/bf16")->UseRealTime()->Unit(benchmark::kMillisecond);
BENCHMARK(training<ResNet20, float>)->Name("resnet20/fp32")->UseRealTime()->Unit(benchmark::kMillisecond);
BENCHMARK(training<ResNet20, attar::bf16>)->Name("resnet20/bf16")->UseRealTime()->Unit(benchmark::kMillisecond);
BENCHMARK(training<Mobile, float>)->Name("mobile/fp32")->UseRealTime()->Unit(benchmark::kMillisecond);
BENCHMARK(training<Mobile, attar::bf16>)->Name("mobile/bf16")->UseRealTime()->Unit(benchmark::kMillisecond);
