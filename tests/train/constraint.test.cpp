// SPDX-License-Identifier: MIT
#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "../support/tiny_data.hpp"
#include <attar/loss/hard_labels.hpp>
#include <attar/optim/sgd.hpp>
#include <attar/train/constraint.hpp>
#include <attar/train/trainer.hpp>

namespace attar::constraint_test {
namespace {

using Net = Sequential<Input<1, 8, 8>, Flatten, Linear<4>>;

auto trainer(TrainOptions options = {}) {
  options.progress = false;
  options.batch_size = 32;
  return Trainer{Sgd{.rate = 0.05, .momentum = 0.9}, Cosine{}, Epochs{2}, options};
}

/// Writes down what it sees.
struct Witness {
  std::vector<double> seen;
  std::vector<float> first_gradients;
  int calls_when_observed = 0;
  int calls = 0;

  void operator()(std::span<float>) { ++calls; }
  void observe(double progress, std::span<const float> parameters, std::span<const float> gradients) {
    EXPECT_EQ(parameters.size(), gradients.size());
    if (seen.empty()) {
      first_gradients.assign(gradients.begin(), gradients.end());
      calls_when_observed = calls;
    }
    seen.push_back(progress);
  }
};

TEST(Constraint, ObservesEachStepBeforeTheGradientsAreHeld) {
  Network<Net> network{Seed{1}};
  Witness witness;
  trainer().fit(network, test::corners(128), HardLabels<>{}, witness);
  EXPECT_EQ(witness.seen, (std::vector<double>{0.125, 0.25, 0.375, 0.5, 0.625, 0.75, 0.875, 1}));
  EXPECT_TRUE(std::ranges::any_of(witness.first_gradients, [](float g) { return g != 0; }));
  EXPECT_EQ(witness.calls_when_observed, 1) << "held once, before the first step";
  EXPECT_EQ(witness.calls, 1 + 2 * 8 + 1);
}

/// Holds the weights below a threshold that the gradients move; asks to stop at a step.
class Moody {
 public:
  explicit Moody(int stop_at = 0) : stop_at_{stop_at} {}
  void operator()(std::span<float> numbers) const {
    for (std::size_t i = 0; i < numbers.size(); i += 2) numbers[i] = mood_[0] > 0.5F ? 0.0F : numbers[i];
  }
  void observe(double, std::span<const float>, std::span<const float>) {
    mood_[0] = mood_[0] * 0.5F + 0.07F * ++mood_[1];
    if (++calls_ == stop_at_) detail::interrupt_requested = true;
  }
  [[nodiscard]] std::vector<std::span<float>> memory() { return {mood_}; }
  [[nodiscard]] std::string description() const { return "moody"; }

 private:
  std::vector<float> mood_ = std::vector<float>(2);
  int stop_at_;
  int calls_ = 0;
};

TEST(Constraint, ItsMemoryIsKeptInACheckpoint) {
  const Dataset data = test::corners(128);
  Network<Net> undisturbed{Seed{1}};
  trainer().fit(undisturbed, data, HardLabels<>{}, Moody{});

  const std::filesystem::path path = std::filesystem::path{testing::TempDir()} / "constraint.checkpoint";
  std::filesystem::remove(path);
  Network<Net> first{Seed{1}};
  EXPECT_THROW(trainer({.checkpoint = path}).fit(first, data, HardLabels<>{}, Moody{3}), Error);
  detail::interrupt_requested = false;
  Network<Net> second{Seed{9}};
  EXPECT_THROW(trainer({.checkpoint = path}).fit(second, data, HardLabels<>{}), Error) << "a run without constraint";
  trainer({.checkpoint = path}).fit(second, data, HardLabels<>{}, Moody{});
  EXPECT_TRUE(std::ranges::equal(second.buffer(), undisturbed.buffer()));
}

TEST(Constraint, HoldsTheAverageToo) {
  const auto drop_all = [](std::span<float> numbers) { std::ranges::fill(numbers, 0.0F); };
  Network<Net> network{Seed{1}};
  trainer({.ema = Ema{}}).fit(network, test::corners(64), HardLabels<>{}, drop_all);
  EXPECT_TRUE(std::ranges::all_of(network.trainable(), [](float x) { return x == 0; }));
}

}  // namespace
}  // namespace attar::constraint_test
