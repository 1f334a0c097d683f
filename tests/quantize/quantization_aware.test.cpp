// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <span>
#include <type_traits>
#include <vector>

#include <gtest/gtest.h>

#include "../support/int8_exact.hpp"
#include "../support/small_networks.hpp"
#include "../support/tiny_data.hpp"
#include <attar/backend/default_backend.hpp>
#include <attar/backend/training_session.hpp>
#include <attar/distill/distill.hpp>
#include <attar/infer/evaluate.hpp>
#include <attar/io/model_file.hpp>
#include <attar/loss/hard_labels.hpp>
#include <attar/loss/soft_targets.hpp>
#include <attar/optim/sgd.hpp>
#include <attar/quantize/bias_correction.hpp>
#include <attar/quantize/percentile.hpp>
#include <attar/quantize/quantization_aware.hpp>
#include <attar/train/trainer.hpp>

namespace attar::test::quantization_aware_test {
namespace {

using Net = Sequential<Input<1, 8, 8>, Conv2d<8, Kernel<3>>, BatchNorm2d, ReLU, MaxPool2d<2>, Conv2d<8, Kernel<3>>,
                       BatchNorm2d, ReLU, Flatten, Linear<4>>;
using Soft = Distill<HardLabels<>, SoftTargets<Temperature<2>>>;

auto trainer(int epochs, double rate) {
  return Trainer{Sgd{.rate = rate, .momentum = 0.9, .weight_decay = 1e-4, .decay_norms_and_biases = false}, Cosine{},
                 Epochs{epochs}, TrainOptions{.batch_size = 32, .progress = false}};
}

const Dataset& data() {
  static const Dataset images = corners(512);
  return images;
}

const Network<Net>& teacher() {
  static const Network<Net> network = [] {
    Network<Net> trained{Seed{1}};
    trainer(3, 0.05).fit(trained, data(), HardLabels<>{});
    return trained;
  }();
  return network;
}

double test_accuracy(const auto& network) {
  return evaluate(Engine{network}, corners(512, Seed{8}));
}

template <class Scheme>
void expect_to_begin_as_quantize_ends() {
  auto aware = quantization_aware<Scheme, StraightThrough>(teacher(), data());
  auto begun = quantize(aware);
  auto int8 = quantize<Scheme>(teacher(), data());
  for (std::size_t i = 0; i < int8.program.parameters.size(); ++i) {
    const auto index = static_cast<int>(i);
    if (int8.program.parameters[i].role == Role::weight) {
      EXPECT_TRUE(std::ranges::equal(begun.weight(index), int8.weight(index)));
      EXPECT_TRUE(std::ranges::equal(begun.weight_scales(index), int8.weight_scales(index)));
    } else {
      EXPECT_TRUE(std::ranges::equal(begun.numbers(index), int8.numbers(index)));
    }
  }
  EXPECT_TRUE(std::ranges::equal(begun.signed_values(), int8.signed_values()));
  for (std::size_t v = 0; v < int8.activation_scales().size(); ++v) {
    EXPECT_FLOAT_EQ(begun.activation_scales()[v], int8.activation_scales()[v]);
  }
  EXPECT_TRUE(std::ranges::equal(begun.zero_points(), int8.zero_points()));
}

TEST(QuantizationAware, BeginsAsQuantizeEnds) {
  expect_to_begin_as_quantize_ends<Int8<>>();
  expect_to_begin_as_quantize_ends<Int8<WeightBits<4>>>();
  expect_to_begin_as_quantize_ends<Int8<PerTensor, WeightBits<2>>>();
  expect_to_begin_as_quantize_ends<Int8<Asymmetric, WeightBits<4>>>();
}

TEST(QuantizationAware, TakesImagesAsFloats) {
  const std::vector<float> images = noise(8 * Net::input_shape.size(), Seed{3});
  const auto aware = quantization_aware(teacher(), std::span<const float>{images});
  EXPECT_GT(aware.tensor("activation_limit")[0], 1.0F);
}

/// A network that knows nothing learns with two bits from the first step on.
template <class Rule, class Scheme = Int8<WeightBits<2>>>
void expect_learns() {
  auto aware = quantization_aware<Scheme, Rule>(Network<Net>{Seed{2}}, data());
  EXPECT_LT(test_accuracy(quantize(aware)), 60.0);
  const History history = trainer(5, 0.05).fit(aware, data(), HardLabels<>{});
  EXPECT_LT(history.back().loss, history.front().loss);
  const auto int8 = quantize(aware);
  EXPECT_GT(test_accuracy(int8), 90.0);
  EXPECT_EQ(test_accuracy(aware), test_accuracy(int8)) << "the engine runs what was trained";
}

TEST(QuantizationAware, LearnsWithWhateverRule) {
  expect_learns<LearnedStep>();
  expect_learns<StraightThrough>();
  expect_learns<Pact>();
}

TEST(QuantizationAware, LearnsWithZeroPoints) {
  expect_learns<LearnedStep, Int8<WeightBits<2>, Asymmetric>>();
  expect_learns<StraightThrough, Int8<WeightBits<2>, Asymmetric>>();
  expect_learns<Pact, Int8<WeightBits<2>, Asymmetric>>();
}

using Swish = Sequential<Input<1, 8, 8>, Conv2d<8, Kernel<3>>, BatchNorm2d, HardSwish,
                         Residual<Stack<DepthwiseConv2d<Kernel<3>>, BatchNorm2d, HardSwish, SqueezeExcite<2>>>,
                         MaxPool2d<2>, Flatten, Linear<4>>;
using SwishScheme = Int8<Asymmetric, WeightBits<4>>;

/// What was trained is what a file holds, what an engine runs, and what can still be repaired.
TEST(QuantizationAware, TrainsZeroPointsSavesThemAndRunsThem) {
  Network<Swish> floats{Seed{1}};
  trainer(2, 0.05).fit(floats, data(), HardLabels<>{});
  auto aware = quantization_aware<SwishScheme, LearnedStep>(floats, data());
  const std::vector<float> before{aware.tensor("activation_offset").begin(), aware.tensor("activation_offset").end()};
  distill(aware, teachers(floats), data(), Soft{}, trainer(1, 0.02));
  const auto after = aware.tensor("activation_offset");
  EXPECT_EQ(after[0], before[0]) << "images are not clipped";
  EXPECT_FALSE(std::ranges::equal(after, before));

  auto int8 = quantize(aware);
  EXPECT_TRUE(std::ranges::any_of(int8.zero_points(), [](std::uint8_t z) { return z != 0; }));
  const std::filesystem::path path = std::filesystem::path{testing::TempDir()} / "zero_points.safetensors";
  save(int8, path);
  const Engine engine{load<quantize_t<Swish, SwishScheme>>(path)};
  auto context = engine.make_context();
  constexpr int batch = 4;
  const std::vector<float> images = noise(batch * Swish::input_shape.size(), Seed{3});
  TrainingSession<DefaultBackend> session{aware.program, batch};
  const auto simulated_logits = session.forward(images, aware.buffer(), 0);
  for (std::size_t i = 0; i < batch; ++i) {
    const auto image = std::span{images}.subspan(i * Swish::input_shape.size(), Swish::input_shape.size());
    EXPECT_TRUE(std::ranges::equal(engine(image, context), simulated_logits.subspan(4 * i, 4))) << i;
  }
  EXPECT_GT(test_accuracy(correct_bias(int8, floats, data())), 90.0);
}

TEST(QuantizationAware, OnlyWhatTheRuleSaysIsLearned) {
  const auto limits_after = [&]<class Rule>(Rule) {
    auto aware = quantization_aware<Int8<Percentile<9, 10>>, Rule>(teacher(), data());  // One in ten is clipped.
    const std::vector<float> before{aware.tensor("activation_limit").begin(), aware.tensor("activation_limit").end()};
    trainer(1, 0.02).fit(aware, data(), HardLabels<>{});
    const auto after = aware.tensor("activation_limit");
    EXPECT_EQ(after[0], before[0]) << "images are not clipped";
    return std::ranges::equal(after, before);
  };
  EXPECT_TRUE(limits_after(StraightThrough{}));
  EXPECT_FALSE(limits_after(Pact{}));
  EXPECT_FALSE(limits_after(LearnedStep{}));
}

TEST(QuantizationAware, SparseNetworksStaySparseWhileTheyLearn) {
  Sparse<Network<Net>> sparse{teacher(), {}};
  for (const Parameter& parameter : Net::program.parameters) {
    if (parameter.role != Role::weight) continue;
    for (std::size_t i = 0; i < parameter.size; i += 2) sparse.mask.drop(parameter.offset + i);
  }
  sparse.mask(sparse.network.trainable());
  auto aware = quantization_aware<Int8<WeightBits<4>>, LearnedStep>(sparse, data());
  distill(aware, teachers(teacher()), data(), Soft{}, trainer(2, 0.02));
  auto int8 = quantize(aware);
  for (std::size_t i = 0; i < int8.network.program.parameters.size(); ++i) {
    const Parameter& parameter = int8.network.program.parameters[i];
    if (parameter.role != Role::weight) continue;
    const auto weights = int8.network.weight(static_cast<int>(i));
    for (std::size_t k = 0; k < weights.size(); ++k) {
      EXPECT_EQ(int8.mask.keeps(parameter.offset + k), k % 2 != 0);
      if (k % 2 == 0) {
        ASSERT_EQ(weights[k], 0) << parameter.name.view() << " " << k;
        EXPECT_EQ(aware.network.tensor(static_cast<int>(i))[k], 0.0F);
      }
    }
  }
  EXPECT_GT(test_accuracy(int8.network), 90.0);
  const std::vector<float> images = noise(2 * Net::input_shape.size(), Seed{3});
  expect_exact<DefaultBackend>(int8.network.model(), images, 2);
}

TEST(QuantizationAware, AnAverageOfNetworksIsOne) {
  auto aware = quantization_aware<Int8<>, LearnedStep>(teacher(), data());
  const Trainer averaging{Sgd{.rate = 0.01}, Cosine{}, Epochs{1},
                          TrainOptions{.batch_size = 32, .ema = Ema{}, .progress = false}};
  averaging.fit(aware, data(), HardLabels<>{});
  EXPECT_GT(test_accuracy(quantize(aware)), 90.0);
}

TEST(QuantizationAware, IsSavedAndLoadedAsAnyNetwork) {
  const auto aware = quantization_aware<Int8<WeightBits<4>>, Pact>(teacher(), data());
  const std::filesystem::path path = std::filesystem::path{testing::TempDir()} / "aware.safetensors";
  save(aware, path);
  const auto loaded = load<std::remove_const_t<decltype(aware)>>(path);
  EXPECT_TRUE(std::ranges::equal(loaded.buffer(), aware.buffer()));
  using OfAnotherRule = Network<quantization_aware_t<Net, Int8<WeightBits<4>>, LearnedStep>>;
  EXPECT_THROW((void)load<OfAnotherRule>(path), Error);
}

TEST(QuantizationAware, ARunThatDivergesIsStopped) {
  auto aware = quantization_aware(teacher(), data());
  aware.tensor("4.weight")[3] = std::numeric_limits<float>::quiet_NaN();
  try {
    trainer(1, 0.01).fit(aware, data(), HardLabels<>{});
    ADD_FAILURE();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::not_finite);
  }
  EXPECT_THROW((void)quantize(aware), Error);
}

}  // namespace
}  // namespace attar::test::quantization_aware_test
