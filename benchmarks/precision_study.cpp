// SPDX-License-Identifier: MIT
// Whether training in bf16 costs accuracy: one network, fp32 and bf16, several seeds.
//
//     build/release/benchmarks/precision_study --seeds 5 --epochs 6 --out docs/results/precision.json
#include <chrono>
#include <cstdint>
#include <iostream>
#include <string>

#include "../examples/support/study.hpp"
#include <attar/attar.hpp>

namespace {

using namespace attar;  // NOLINT: the network reads as a user writes it
using study::Block;

using Net = Sequential<Input<1, 28, 28>, Block<16>, MaxPool2d<2>, Block<32>, MaxPool2d<2>, Block<64>, GlobalAvgPool,
                       Linear<10>>;

template <class Precision>
void train(study::Results& results, const study::Options& options, const Split& data, const std::string& name,
           Seed seed) {
  if (!options.wants(name)) return;
  const auto start = std::chrono::steady_clock::now();
  const Trainer trainer{
      Sgd{.rate = 0.1, .momentum = 0.9, .nesterov = true, .weight_decay = 5e-4, .decay_norms_and_biases = false},
      OneCycle{.peak_at = 0.25}, Epochs{options.epochs},
      TrainOptions{.batch_size = 128, .seed = seed, .augmentation = {.flip = true}, .title = name}, Precision{}};
  Network<Net> network{seed};
  trainer.fit(network, data.train, HardLabels<>{});
  results.add(name, evaluate(Engine{network}, data.test), start);
}

}  // namespace

int main(int argc, char** argv) {
  const study::Options options = study::parse(argc, argv, "Training in fp32 and in bf16 on Fashion-MNIST");
  stop_politely_on_signals();
  try {
    const Split data = study::images(options);
    study::Results results;
    for (int i = 1; i <= options.seeds; ++i) {
      const Seed seed{static_cast<std::uint64_t>(i)};
      train<Fp32>(results, options, data, "fp32", seed);
      train<Bf16>(results, options, data, "bf16", seed);
    }
    std::cout << results.to_text("fp32");
    if (!options.out.empty()) results.write(options.out, options.command);
    return 0;
  } catch (const Error& error) {
    std::cerr << "precision_study: " << error.what() << '\n';
    return error.code() == ErrorCode::interrupted ? 130 : 2;
  }
}
