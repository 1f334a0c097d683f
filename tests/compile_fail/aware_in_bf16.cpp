// attar[E142]
// SPDX-License-Identifier: MIT
#include <attar/loss/hard_labels.hpp>
#include <attar/model/quantization_aware.hpp>
#include <attar/optim/sgd.hpp>
#include <attar/train/trainer.hpp>

using namespace attar;

using Net = Sequential<Input<3, 8, 8>, Conv2d<32>, BatchNorm2d, ReLU, GlobalAvgPool, Linear<10>>;
using Aware = Network<quantization_aware_t<Net, Int8<>, LearnedStep>>;

#if ATTAR_ACCEPT
void train(Aware& network, const Dataset& data) {
  Trainer{Sgd{}, Cosine{}, Epochs{1}}.fit(network, data, HardLabels<>{});
}
#else
void train(Aware& network, const Dataset& data) {
  Trainer{Sgd{}, Cosine{}, Epochs{1}, {}, Bf16{}}.fit(network, data, HardLabels<>{});
}
#endif
