// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cmath>
#include <csignal>
#include <cstddef>
#include <filesystem>
#include <limits>
#include <span>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "../support/tiny_data.hpp"
#include <attar/loss/hard_labels.hpp>
#include <attar/optim/sgd.hpp>
#include <attar/train/trainer.hpp>

namespace attar::trainer_test {
namespace {

using Net = Sequential<Input<1, 8, 8>, Conv2d<8, Kernel<3>>, BatchNorm2d, ReLU, MaxPool2d<2>, Conv2d<8, Kernel<3>>,
                       BatchNorm2d, ReLU, Flatten, Linear<4>>;

template <class Precision = Fp32>
auto trainer(TrainOptions options = {}, int epochs = 4, double rate = 0.05) {
  options.progress = false;
  options.batch_size = 32;
  return Trainer{Sgd{.rate = rate, .momentum = 0.9, .nesterov = true}, Cosine{}, Epochs{epochs}, options, Precision{}};
}

std::vector<float> weights(const Network<Net>& network) {
  return {network.buffer().begin(), network.buffer().end()};
}

std::filesystem::path fresh_file(const std::string& name) {
  const std::filesystem::path path = std::filesystem::path{testing::TempDir()} / name;
  std::filesystem::remove(path);
  return path;
}

TEST(Trainer, LearnsWhatCanBeLearnt) {
  Network<Net> network{Seed{1}};
  const History history = trainer().fit(network, test::corners(512), HardLabels<>{});
  ASSERT_EQ(history.size(), 4U);
  EXPECT_EQ(history.back().epoch, 4);
  EXPECT_GT(history.back().accuracy, 97.0);
  EXPECT_LT(history.back().loss, history.front().loss);
}

TEST(Trainer, SameSeedGivesTheSameBits) {
  const Dataset data = test::corners(256);
  const auto run = [&](Seed order) {
    Network<Net> network{Seed{1}};
    trainer({.seed = order, .augmentation = {.crop_padding = 1}}, 2).fit(network, data, HardLabels<>{});
    return weights(network);
  };
  EXPECT_EQ(run(Seed{3}), run(Seed{3}));
  EXPECT_NE(run(Seed{3}), run(Seed{4}));
}

/// The same image in every place, so that the order does not matter.
Dataset equal_images() {
  constexpr std::size_t count = 32;
  const Dataset one = test::corners(1);
  AlignedBuffer<std::uint8_t> images{count * one.shape().size()};
  for (std::size_t i = 0; i < count; ++i) std::ranges::copy(one.image(0), images.data() + i * one.shape().size());
  return Dataset{one.shape(), one.classes(), std::move(images), std::vector<int>(count, one.label(0)),
                 one.normalization()};
}

TEST(Trainer, DropoutFollowsTheSeed) {
  const Dataset data = equal_images();
  const auto run = [&]<class... Between>(Seed seed, Stack<Between...> between) {
    using Dropping = Sequential<Input<1, 8, 8>, Flatten, Linear<16>, ReLU, decltype(between), Linear<4>>;
    Network<Dropping> network{Seed{1}};
    trainer({.seed = seed}, 1).fit(network, data, HardLabels<>{});
    return std::vector<float>{network.buffer().begin(), network.buffer().end()};
  };
  EXPECT_EQ(run(Seed{3}, Stack<>{}), run(Seed{4}, Stack<>{})) << "something else than dropout follows the seed";
  EXPECT_EQ(run(Seed{3}, Stack<Dropout<Rate<1, 2>>>{}), run(Seed{3}, Stack<Dropout<Rate<1, 2>>>{}));
  EXPECT_NE(run(Seed{3}, Stack<Dropout<Rate<1, 2>>>{}), run(Seed{4}, Stack<Dropout<Rate<1, 2>>>{}));
}

/// A constraint that asks the program to stop, as Ctrl-C would, at a certain step.
struct InterruptAt {
  std::size_t step;
  std::size_t* calls;
  void operator()(std::span<float>) const {
    // Called once before the run and twice in each step.
    if (++*calls == 2 * step + 1) std::raise(SIGINT);
  }
};

TEST(Trainer, GoesOnAfterAnInterruptionAsIfNothingHadHappened) {
  const Dataset data = test::corners(256);
  const TrainOptions plain{.seed = Seed{5}, .augmentation = {.flip = true}, .ema = Ema{}};
  Network<Net> undisturbed{Seed{1}};
  trainer(plain).fit(undisturbed, data, HardLabels<>{});

  TrainOptions saved = plain;
  saved.checkpoint = fresh_file("interrupted.checkpoint");
  Network<Net> first{Seed{1}};
  std::size_t calls = 0;
  stop_politely_on_signals();
  try {
    trainer(saved).fit(first, data, HardLabels<>{}, InterruptAt{11, &calls});  // Within the second epoch.
    FAIL() << "the run was not interrupted";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::interrupted);
    EXPECT_NE(std::string{error.what()}.find("11 steps"), std::string::npos) << error.what();
  }
  detail::interrupt_requested = false;

  Network<Net> second{Seed{99}};  // Its numbers come from the checkpoint.
  trainer(saved).fit(second, data, HardLabels<>{});
  EXPECT_EQ(weights(second), weights(undisturbed));
}

TEST(Trainer, RefusesTheCheckpointOfAnotherRun) {
  const Dataset data = test::corners(64);
  const TrainOptions options{.checkpoint = fresh_file("other.checkpoint")};
  Network<Net> network{Seed{1}};
  trainer(options, 1).fit(network, data, HardLabels<>{});
  const std::vector<float> before = weights(network);
  try {
    trainer(options, 2).fit(network, data, HardLabels<>{});
    FAIL() << "a checkpoint of one epoch was taken for two";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::architecture_mismatch);
  }
  EXPECT_EQ(weights(network), before);
}

TEST(Trainer, RefusesTheCheckpointOfAnotherLoss) {
  const Dataset data = test::corners(64);
  const TrainOptions options{.checkpoint = fresh_file("other_loss.checkpoint")};
  Network<Net> network{Seed{1}};
  trainer(options, 1).fit(network, data, HardLabels<>{});
  const std::vector<float> before = weights(network);
  using Smoothed = HardLabels<Smoothing<1, 10>>;
  EXPECT_THROW(trainer(options, 1).fit(network, data, Smoothed{}), Error);
  EXPECT_EQ(weights(network), before);
  EXPECT_NO_THROW(trainer(options, 1).fit(network, data, HardLabels<>{}));
}

TEST(Trainer, NamesStepAndLayerWhenNumbersExplode) {
  Network<Net> network{Seed{1}};
  network.tensor("4.weight")[0] = std::numeric_limits<float>::quiet_NaN();
  try {
    trainer().fit(network, test::corners(64), HardLabels<>{});
    FAIL() << "NaN went unnoticed";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::not_finite);
    const std::string message = error.what();
    EXPECT_NE(message.find("step 0"), std::string::npos) << message;
    EXPECT_NE(message.find("layer 4 (Conv2d)"), std::string::npos) << message;
  }
}

TEST(Trainer, StopsAtARateThatIsFarTooHigh) {
  Network<Net> network{Seed{1}};
  try {
    trainer({}, 4, 1e30).fit(network, test::corners(256), HardLabels<>{});
    FAIL() << "the loss stayed finite";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::not_finite);
  }
}

TEST(Trainer, RefusesDataThatDoNotFitTheNetwork) {
  const auto code_of = [](auto&& call) {
    try {
      call();
    } catch (const Error& error) {
      return error.code();
    }
    return ErrorCode::interrupted;
  };
  using Wider = Sequential<Input<1, 9, 9>, Flatten, Linear<4>>;
  using MoreClasses = Sequential<Input<1, 8, 8>, Flatten, Linear<5>>;
  Network<Wider> wider{Seed{1}};
  Network<MoreClasses> more{Seed{1}};
  Network<Net> network{Seed{1}};
  const Dataset data = test::corners(64);
  EXPECT_EQ(code_of([&] { trainer().fit(wider, data, HardLabels<>{}); }), ErrorCode::invalid_argument);
  EXPECT_EQ(code_of([&] { trainer().fit(more, data, HardLabels<>{}); }), ErrorCode::invalid_argument);
  EXPECT_EQ(code_of([&] { trainer().fit(network, data.take(31), HardLabels<>{}); }), ErrorCode::invalid_argument);
}

TEST(Trainer, HoldsAConstraint) {
  const Parameter& weight = Net::program.parameter(0);
  const auto hold = [&](std::span<float> buffer) {
    for (std::size_t i = 0; i < weight.size; i += 2) buffer[weight.offset + i] = 0;
  };
  Network<Net> network{Seed{1}};
  trainer({}, 1).fit(network, test::corners(128), HardLabels<>{}, hold);
  const std::span<const float> numbers = std::as_const(network).tensor("0.weight");
  for (std::size_t i = 0; i < numbers.size(); ++i) EXPECT_EQ(numbers[i] == 0, i % 2 == 0) << i;
}

TEST(Trainer, EndsWithTheMovingAverageIfAsked) {
  Network<Net> network{Seed{1}};
  std::vector<float> average(network.trainable().begin(), network.trainable().end());
  std::size_t calls = 0;
  // Watches instead of changing: called with the parameters once before the run, then with gradients and parameters,
  // and at last with the average.
  const auto follow = [&](std::span<float> buffer) {
    if (calls > 0 && calls % 2 == 0) {
      for (std::size_t i = 0; i < buffer.size(); ++i) average[i] += 0.5F * (buffer[i] - average[i]);
    }
    ++calls;
  };
  trainer({.ema = Ema{.decay = 0.5, .warm_up = false}}, 1).fit(network, test::corners(128), HardLabels<>{}, follow);
  EXPECT_EQ(calls, 10U);
  for (std::size_t i = 0; i < average.size(); ++i) ASSERT_NEAR(network.buffer()[i], average[i], 1e-6F) << i;
}

TEST(Trainer, LimitsTheGradient) {
  const Dataset data = test::corners(32);
  Network<Net> network{Seed{1}};
  const std::vector<float> before = weights(network);
  TrainOptions options{.batch_size = 32, .clip_norm = 0.001, .progress = false};
  Trainer{Sgd{.rate = 1.0}, Constant{}, Epochs{1}, options}.fit(network, data, HardLabels<>{});
  double distance = 0;
  for (std::size_t i = 0; i < Net::program.trainable_size; ++i) {
    distance += std::pow(static_cast<double>(network.buffer()[i] - before[i]), 2);
  }
  EXPECT_LE(std::sqrt(distance), 0.00101);
  EXPECT_GE(std::sqrt(distance), 0.0005);
}

}  // namespace
}  // namespace attar::trainer_test
