// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <type_traits>
#include <vector>

#include <gtest/gtest.h>

#include "../support/tiny_data.hpp"
#include <attar/distill/distill.hpp>
#include <attar/loss/hard_labels.hpp>
#include <attar/loss/soft_targets.hpp>
#include <attar/model/sparse.hpp>
#include <attar/optim/adam.hpp>
#include <attar/optim/sgd.hpp>
#include <attar/quantize/quantize.hpp>
#include <attar/train/trainer.hpp>

namespace attar::sparse_test {
namespace {

using Net = Sequential<Input<1, 8, 8>, Conv2d<8, Kernel<3>>, BatchNorm2d, ReLU, Residual<DepthwiseConv2d<Kernel<3>>>,
                       GlobalAvgPool, Linear<4>>;

/// Two of three weights are held.
MaskedNetwork<Net> sparse_network() {
  MaskedNetwork<Net> sparse{Network<Net>{Seed{1}}, {}};
  for (const Parameter& parameter : Net::program.parameters) {
    if (parameter.role != Role::weight) continue;
    for (std::size_t i = 0; i < parameter.size; ++i) {
      if (i % 3 != 1) sparse.mask.drop(parameter.offset + i);
    }
  }
  sparse.mask(sparse.network.trainable());
  return sparse;
}

template <class A, class Scalar>
void expect_held(const MaskedNetwork<A, Scalar>& sparse) {
  std::size_t held = 0;
  for (std::size_t i = 0; i < A::program.trainable_size; ++i) {
    if (sparse.mask.keeps(i)) continue;
    ++held;
    EXPECT_EQ(sparse.network.trainable()[i], 0) << i;
  }
  EXPECT_EQ(held, 48U + 48U + 21U);
}

TrainOptions options(bool everything) {
  TrainOptions result{.batch_size = 32, .progress = false};
  if (everything) {
    result.clip_norm = 0.5;
    result.ema = Ema{};
  }
  return result;
}

template <class OptimizerType>
void survives(const OptimizerType& optimizer) {
  for (const bool everything : {false, true}) {
    MaskedNetwork<Net> sparse = sparse_network();
    const std::vector<float> before{sparse.network.trainable().begin(), sparse.network.trainable().end()};
    Trainer{optimizer, Constant{}, Epochs{2}, options(everything)}.fit(sparse, test::corners(128), HardLabels<>{});
    expect_held(sparse);
    EXPECT_FALSE(std::ranges::equal(sparse.network.trainable(), before)) << "nothing was trained";
  }
}

TEST(Sparse, SurvivesSgd) {
  survives(Sgd{.rate = 0.1, .weight_decay = 1e-2});
  survives(Sgd{.rate = 0.1, .momentum = 0.9, .weight_decay = 1e-2});
  survives(Sgd{.rate = 0.1, .momentum = 0.9, .nesterov = true, .weight_decay = 1e-2});
}

TEST(Sparse, SurvivesAdam) {
  survives(Adam{.weight_decay = 1e-2});
}

TEST(Sparse, SurvivesAdamW) {
  survives(AdamW{.weight_decay = 1e-2});
}

TEST(Sparse, SurvivesDistillation) {
  MaskedNetwork<Net> sparse = sparse_network();
  const Network<Net> teacher{Seed{2}};
  const Trainer trainer{Sgd{.rate = 0.1, .momentum = 0.9, .weight_decay = 1e-2}, Constant{}, Epochs{1}, options(true)};
  distill(sparse, teachers(teacher), test::corners(64), Distill<SoftTargets<>>{}, trainer);
  expect_held(sparse);
}

TEST(Sparse, SurvivesFolding) {
  const MaskedNetwork<Net> sparse = sparse_network();
  const auto folded = fold_batch_norm(sparse);
  static_assert(std::is_same_v<decltype(folded), const MaskedNetwork<fold_batch_norm_t<Net>>>);
  expect_held(folded);
}

TEST(Sparse, SurvivesQuantization) {
  MaskedNetwork<Net> sparse = sparse_network();
  Trainer{Sgd{.rate = 0.1}, Constant{}, Epochs{1}, options(false)}.fit(sparse, test::corners(64), HardLabels<>{});
  const auto int8 = quantize<Int8<PerChannel, MinMax>>(sparse, test::corners(32));
  using Folded = fold_batch_norm_t<Net>;
  static_assert(std::is_same_v<decltype(int8), const Sparse<QuantizedNetwork<Folded, Int8<PerChannel, MinMax>>>>);
  std::size_t held = 0;
  for (std::size_t index = 0; index < Folded::program.parameters.size(); ++index) {
    const Parameter& parameter = Folded::program.parameters[index];
    if (parameter.role != Role::weight) continue;
    const std::span<const std::int8_t> weights = int8.network.model().weight(static_cast<int>(index));
    for (std::size_t i = 0; i < parameter.size; ++i) {
      EXPECT_EQ(int8.mask.keeps(parameter.offset + i), i % 3 == 1) << parameter.name.view() << " " << i;
      if (int8.mask.keeps(parameter.offset + i)) continue;
      ++held;
      EXPECT_EQ(weights[i], 0) << parameter.name.view() << " " << i;
    }
  }
  EXPECT_EQ(held, 48U + 48U + 21U);
  const auto with_floats = quantize<Int8<PerChannel, MinMax>>(sparse, std::vector<float>(64, 0.5F));
  static_assert(std::is_same_v<decltype(with_floats), decltype(int8)>);
}

}  // namespace
}  // namespace attar::sparse_test
