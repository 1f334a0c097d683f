// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cmath>

#include <gtest/gtest.h>

#include <attar/optim/adam.hpp>
#include <attar/prune/magnitude.hpp>
#include <attar/prune/prune.hpp>

namespace attar {
namespace {

using Net = Sequential<Input<3, 8, 8>, Conv2d<16, Kernel<3>>, BatchNorm2d, ReLU, Conv2d<24, Kernel<3>>, BatchNorm2d,
                       SqueezeExcite<4>, GlobalAvgPool, Linear<10>>;

std::size_t zeros(std::span<const float> numbers) {
  return static_cast<std::size_t>(std::ranges::count(numbers, 0.0F));
}

TEST(Magnitude, ReachesTheShareInEachLayer) {
  const Network<Net> dense{Seed{3}};
  const auto sparse = prune<Magnitude<Sparsity<3, 4>, PerLayer>>(dense);
  for (const char* name : {"0.weight", "3.weight", "5.fc1.weight", "5.fc2.weight", "7.weight"}) {
    const auto before = dense.tensor(name);
    const auto after = sparse.network.tensor(name);
    EXPECT_EQ(zeros(after), (3 * after.size() + 2) / 4) << name;
    float largest_dropped = 0;
    float smallest_kept = 1e9F;
    for (std::size_t i = 0; i < after.size(); ++i) {
      if (after[i] == 0) {
        largest_dropped = std::max(largest_dropped, std::abs(before[i]));
      } else {
        EXPECT_EQ(after[i], before[i]);
        smallest_kept = std::min(smallest_kept, std::abs(before[i]));
      }
    }
    EXPECT_LE(largest_dropped, smallest_kept) << name;
  }
}

TEST(Magnitude, ReachesTheShareOfTheWholeNetwork) {
  Network<Net> dense{Seed{3}};
  for (float& weight : dense.tensor("0.weight")) weight = std::copysign(100.0F, weight);
  const auto sparse = prune<Magnitude<Sparsity<1, 2>, Global>>(dense);
  std::size_t found = 0;
  std::size_t all = 0;
  for (const Parameter& parameter : Net::program.parameters) {
    if (parameter.role != Role::weight) continue;
    found += zeros(sparse.network.tensor(parameter.name.view()));
    all += parameter.size;
  }
  EXPECT_EQ(found, (all + 1) / 2);
  EXPECT_EQ(zeros(sparse.network.tensor("0.weight")), 0U);
}

TEST(Magnitude, SparesNormsAndBiases) {
  Network<Net> dense{Seed{3}};
  for (float& shift : dense.tensor("1.bias")) shift = 1e-6F;
  const auto sparse = prune<Magnitude<Sparsity<9, 10>, Global>>(dense);
  EXPECT_EQ(zeros(sparse.network.tensor("1.bias")), 0U);
  EXPECT_EQ(zeros(sparse.network.tensor("1.weight")), 0U);
}

TEST(Magnitude, AmongEqualsTheFirstGo) {
  Network<Sequential<Input<4, 1, 1>, Linear<1, NoBias>>> dense;
  std::ranges::fill(dense.tensor("0.weight"), -1.0F);
  const auto sparse = prune<Magnitude<Sparsity<1, 2>>>(dense);
  EXPECT_TRUE(std::ranges::equal(sparse.network.tensor("0.weight"), std::vector<float>{0, 0, -1, -1}));
}

TEST(Magnitude, HoldsItsZerosUnderAnOptimizerWithMomentum) {
  auto sparse = prune<Magnitude<Sparsity<9, 10>, Global>>(Network<Net>{Seed{3}});
  const auto dropped = [&] {
    std::size_t sum = 0;
    for (std::size_t i = 0; i < Net::program.trainable_size; ++i) sum += sparse.mask.keeps(i) ? 0U : 1U;
    return sum;
  }();
  const Adam adam{};
  auto state = initial_state<float>(adam, Net::program.trainable_size);
  Rng rng{Seed{5}};
  for (int step = 0; step < 3; ++step) {
    std::vector<float> gradients(Net::program.trainable_size);
    for (float& gradient : gradients) gradient = rng.normal();
    sparse.mask(std::span{gradients});
    adam.step(sparse.network.trainable(), std::span<const float>{gradients}, state, 0.1, {});
    sparse.mask(sparse.network.trainable());
    for (std::size_t i = 0; i < Net::program.trainable_size; ++i) {
      EXPECT_TRUE(sparse.mask.keeps(i) || sparse.network.trainable()[i] == 0) << i;
    }
  }
  EXPECT_GT(dropped, 0U);
}

}  // namespace
}  // namespace attar
