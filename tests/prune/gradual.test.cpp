// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <filesystem>
#include <span>
#include <vector>

#include <gtest/gtest.h>

#include "../support/tiny_data.hpp"
#include <attar/loss/hard_labels.hpp>
#include <attar/optim/sgd.hpp>
#include <attar/prune/criteria/gradients.hpp>
#include <attar/prune/criteria/movement.hpp>
#include <attar/prune/gradual.hpp>
#include <attar/train/trainer.hpp>

namespace attar::gradual_test {
namespace {

using Net = Sequential<Input<1, 8, 8>, Conv2d<8, Kernel<3>>, BatchNorm2d, ReLU, MaxPool2d<2>, Flatten, Linear<4>>;
using Small = Sequential<Input<4, 1, 1>, Linear<2, NoBias>>;

/// 16 steps.
auto trainer(TrainOptions options = {}) {
  options.progress = false;
  options.batch_size = 32;
  return Trainer{Sgd{.rate = 0.05, .momentum = 0.9, .weight_decay = 1e-4}, Cosine{}, Epochs{4}, options};
}

std::size_t zeros(std::span<const float> numbers) {
  return static_cast<std::size_t>(std::ranges::count(numbers, 0.0F));
}

TEST(Gradual, EndsWithTheSparsityOfThePolicy) {
  Network<Net> network{Seed{1}};
  auto rising = gradually<Weights<L1Norm, Sparsity<3, 4>>>(network, Cubic{}, {.every = 2});
  const History history = trainer().fit(network, test::corners(128), HardLabels<>{}, rising);
  EXPECT_EQ(zeros(network.tensor("0.weight")), 54U);   // Of 72.
  EXPECT_EQ(zeros(network.tensor("5.weight")), 384U);  // Of 512.
  EXPECT_EQ(zeros(network.tensor("1.weight")), 0U);
  const MaskedNetwork<Net> sparse = rising.sparse(network);
  EXPECT_TRUE(std::ranges::equal(sparse.network.buffer(), network.buffer()));
  for (std::size_t i = 0; i < 72; ++i) EXPECT_EQ(sparse.mask.keeps(i), network.trainable()[i] != 0) << i;
  EXPECT_GT(history.back().accuracy, 90.0);
}

/// Feeds a constraint with steps of a run of `steps`.
template <class Constraint>
void run(Constraint& constraint, std::span<float> parameters, std::span<const float> gradients, int from, int steps) {
  for (int step = from; step < steps; ++step) {
    constraint.observe((step + 1.0) / steps, parameters, gradients);
    constraint(parameters);
  }
}

TEST(Gradual, MasksNestAndFollowTheSchedule) {
  Network<Net> network{Seed{1}};
  Rng rng{Seed{2}};
  const std::vector<float> gradients(Net::program.trainable_size);
  auto rising =
      gradually<Weights<L1Norm, Sparsity<9, 10>, Global>>(network, Iterative{.steps = 4, .end = 1}, {.every = 3});
  Mask<Net> before;
  const std::size_t size = 72 + 512;
  for (int step = 0; step < 20; ++step) {
    rising.observe((step + 1) / 20.0, network.trainable(), gradients);
    rising(network.trainable());
    const Mask<Net> now = rising.mask();
    std::size_t held = 0;
    for (std::size_t i = 0; i < Net::program.trainable_size; ++i) {
      EXPECT_TRUE(before.keeps(i) || !now.keeps(i)) << "came back";
      held += now.keeps(i) ? 0U : 1U;
    }
    // A look at every third step and at the last.
    const int looked = step == 19 ? 20 : (step + 1) / 3 * 3;
    const double wanted = looked == 0 ? 0 : 0.9 * std::ceil(looked / 20.0 * 4) / 4;
    EXPECT_EQ(held, static_cast<std::size_t>(wanted * size + 0.5)) << step;
    before = now;
    for (float& weight : network.trainable()) weight += 0.01F * rng.normal();
    rising(network.trainable());
  }
}

TEST(Gradual, MovementIsSummedOverTheRun) {
  Network<Small> network;
  const std::vector<float> start{1, -1, 2, 0.1F, -0.1F, 3, -3, 0.5F};
  std::ranges::copy(start, network.trainable().begin());
  std::vector<float> gradients(Small::program.trainable_size);
  auto rising = gradually<Weights<Movement, Sparsity<1, 2>>>(network, OneShot{.begin = 1}, {.every = 1});
  // -w g: towards zero where the gradient has the sign of the weight.
  const std::vector<float> first{1, 1, 1, -1, 1, -1, 1, 0};
  const std::vector<float> second{-3, 0, 0, 0, 0, 0, -2, 1};
  std::ranges::copy(first, gradients.begin());
  rising.observe(0.5, network.trainable(), gradients);
  std::ranges::copy(second, gradients.begin());
  rising.observe(1, network.trainable(), gradients);
  rising(network.trainable());
  // Sums: 2, 1, -2, 0.1, 0.1, 3, -3, -0.5: the lowest four go, among equals the first.
  const std::vector<float> left{1, -1, 0, 0, -0.1F, 3, 0, 0};
  EXPECT_TRUE(std::ranges::equal(network.tensor("0.weight"), left));
}

TEST(Gradual, GradientsAreThoseSinceTheLastLook) {
  Network<Small> network;
  std::ranges::fill(network.tensor("0.weight"), 1.0F);
  std::vector<float> gradients(Small::program.trainable_size);
  auto rising = gradually<Weights<Snip, Sparsity<1, 2>>>(network, Iterative{.steps = 2, .end = 1}, {.every = 2});
  const auto show = [&](double progress, const std::vector<float>& numbers) {
    std::ranges::copy(numbers, gradients.begin());
    rising.observe(progress, network.trainable(), gradients);
    rising(network.trainable());
  };
  show(0.25, {1, 2, 3, 4, 5, 6, -7, 8});
  show(0.5, {1, 2, 3, 4, 5, 6, 7, 8});  // The seventh sums up to nothing.
  EXPECT_TRUE(std::ranges::equal(network.tensor("0.weight"), std::vector<float>{0, 1, 1, 1, 1, 1, 0, 1}));
  show(0.75, {9, 9, 1, 9, 9, 9, 9, 9});
  show(1, {9, 9, 1, 9, 9, 0, 9, 9});
  EXPECT_TRUE(std::ranges::equal(network.tensor("0.weight"), std::vector<float>{0, 1, 0, 1, 1, 0, 0, 1}));
}

/// Asks to stop after some steps; else as the constraint in it.
template <class Constraint>
struct Stopping {
  Constraint& inner;
  int left;
  void operator()(std::span<float> numbers) const { inner(numbers); }
  void observe(double progress, std::span<const float> parameters, std::span<const float> gradients) {
    inner.observe(progress, parameters, gradients);
    if (--left == 0) detail::interrupt_requested = true;
  }
  [[nodiscard]] auto memory() { return inner.memory(); }
  [[nodiscard]] auto description() const { return inner.description(); }
};

template <class Policy>
void goes_on_after_an_interruption(const char* file) {
  const Dataset data = test::corners(128);
  const auto rising = [](const Network<Net>& network) { return gradually<Policy>(network, Cubic{}, {.every = 3}); };
  Network<Net> undisturbed{Seed{1}};
  auto whole = rising(undisturbed);
  trainer({.ema = Ema{}}).fit(undisturbed, data, HardLabels<>{}, whole);

  const std::filesystem::path path = std::filesystem::path{testing::TempDir()} / file;
  std::filesystem::remove(path);
  const auto saved = trainer({.ema = Ema{}, .checkpoint = path});
  Network<Net> first{Seed{1}};
  auto begun = rising(first);
  EXPECT_THROW(saved.fit(first, data, HardLabels<>{}, Stopping<decltype(begun)>{begun, 7}), Error);
  detail::interrupt_requested = false;
  Network<Net> second{Seed{9}};
  auto other = gradually<Policy>(second, Cubic{.end = 0.7}, {.every = 3});
  EXPECT_THROW(saved.fit(second, data, HardLabels<>{}, other), Error) << "another schedule";
  auto rest = rising(second);
  saved.fit(second, data, HardLabels<>{}, rest);
  EXPECT_TRUE(std::ranges::equal(second.buffer(), undisturbed.buffer()));
  EXPECT_GE(zeros(second.trainable()), 525U) << "the average is held too";  // 9 of 10 of 584.
}

TEST(Gradual, GoesOnAfterAnInterruptionAsIfNothingHadHappened) {
  goes_on_after_an_interruption<Weights<Movement, Sparsity<9, 10>, Global>>("movement.checkpoint");
  goes_on_after_an_interruption<Weights<Taylor, Sparsity<9, 10>, PerLayer>>("taylor.checkpoint");
}

TEST(Gradual, BeginsWithTheMaskOfASparseNetwork) {
  MaskedNetwork<Small> sparse;
  std::ranges::fill(sparse.network.tensor("0.weight"), 1.0F);
  sparse.mask.drop(5);
  auto rising = gradually<Weights<L1Norm, Sparsity<1, 2>>>(sparse);
  rising(sparse.network.trainable());
  EXPECT_EQ(sparse.network.tensor("0.weight")[5], 0);
  EXPECT_FALSE(rising.mask().keeps(5));
}

TEST(Gradual, RefusesNumbersOutOfRange) {
  const Network<Small> network;
  using Half = Weights<L1Norm, Sparsity<1, 2>>;
  EXPECT_THROW((void)gradually<Half>(network, Cubic{.begin = 2}), Error);
  EXPECT_THROW((void)gradually<Half>(network, Cubic{}, {.every = 0}), Error);
  EXPECT_THROW((void)gradually<Half>(network, Cubic{}, {.initial = 0.6}), Error);
  EXPECT_NO_THROW((void)gradually<Half>(network, Cubic{}, {.initial = 0.5}));
}

}  // namespace
}  // namespace attar::gradual_test
