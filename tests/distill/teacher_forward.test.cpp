// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "../support/onednn_bf16.hpp"
#include "../support/tiny_data.hpp"
#include <attar/backend/default_backend.hpp>
#include <attar/data/loader.hpp>
#include <attar/distill/teacher_forward.hpp>
#include <attar/infer/engine.hpp>
#include <attar/loss/hard_labels.hpp>
#include <attar/optim/sgd.hpp>
#include <attar/quantize/quantize.hpp>
#include <attar/train/trainer.hpp>

namespace attar::teacher_forward_test {
namespace {

using Net = Sequential<Input<1, 8, 8>, Conv2d<6, Kernel<3>>, BatchNorm2d, ReLU, Tag<"seen">, Conv2d<8, Kernel<3>>,
                       BatchNorm2d, GlobalAvgPool, Linear<4>>;

const Dataset& data() {
  static const Dataset result = test::corners(80);
  return result;
}

const Network<Net>& network() {
  static const Network<Net> result = [] {
    Network<Net> trained{Seed{1}};
    Trainer{Sgd{.rate = 0.05}, Constant{}, Epochs{2}, {.batch_size = 16, .progress = false}}.fit(trained, data(),
                                                                                                 HardLabels<>{});
    return trained;
  }();
  return result;
}

std::span<const float> tensor(std::string_view name) {
  for (const Parameter& parameter : Net::program.parameters) {
    if (parameter.name.view() == name) return network().buffer().subspan(parameter.offset, parameter.size);
  }
  return {};
}

template <class... Kinds>
LiveTeachers live(const Teachers<Kinds...>& named, std::vector<std::string_view> taps = {}) {
  return {DefaultBackend{}, std::type_identity<float>{}, named, 32, taps};
}

/// The first batch of the data.
const Batch& batch(std::size_t size) {
  static std::vector<Batch> kept;
  Loader loader{data().take(size), {.batch_size = size}};
  for (const Batch& one : loader.epoch(0)) kept.push_back(one);
  return kept.back();
}

TEST(LiveTeachers, SayWhatTheEngineSays) {
  const Engine engine{network()};
  auto context = engine.make_context();
  LiveTeachers source = live(teachers(network()));
  const Batch& images = batch(32);
  const TeacherAnswer answer = source.ask(images)[0];
  ASSERT_EQ(answer.logits.batch, 32U);
  for (std::size_t i = 0; i < 32; ++i) {
    const auto one = engine(images.images().subspan(i * 64).first<64>(), context);
    for (std::size_t c = 0; c < 4; ++c) EXPECT_NEAR(answer.logits.row(i)[c], one[c], 1e-4F);
  }
}

TEST(LiveTeachers, AnswerForABatchThatIsNotFull) {
  LiveTeachers source = live(teachers(network()));
  const std::vector<float> full = [&] {
    const LogitsView<float> logits = source.ask(batch(32))[0].logits;
    return std::vector<float>(logits.data, logits.data + 5 * 4);
  }();
  const LogitsView<float> logits = source.ask(batch(5))[0].logits;
  ASSERT_EQ(logits.batch, 5U);
  for (std::size_t i = 0; i < full.size(); ++i) EXPECT_NEAR(logits.data[i], full[i], 1e-5F);
}

TEST(LiveTeachers, ShowMapsAtTaps) {
  LiveTeachers source = live(teachers(network()), {"seen", "6"});
  const TeacherAnswer answer = source.ask(batch(32))[0];
  ASSERT_EQ(answer.maps.size(), 2U);
  EXPECT_EQ(answer.maps[0].shape, (Shape{6, 8, 8}));
  EXPECT_EQ(answer.maps[1].shape, (Shape{8, 1, 1}));
  for (std::size_t i = 0; i < answer.maps[0].size(); ++i) ASSERT_GE(answer.maps[0].data[i], 0.0F);
  // The pooled vector and the last layer make the logits.
  const std::span<const float> weight = tensor("7.weight");
  const std::span<const float> bias = tensor("7.bias");
  for (std::size_t image = 0; image < 32; ++image) {
    for (std::size_t c = 0; c < 4; ++c) {
      float logit = bias[c];
      for (std::size_t i = 0; i < 8; ++i) logit += weight[c * 8 + i] * answer.maps[1].image(image)[i];
      EXPECT_NEAR(answer.logits.row(image)[c], logit, 1e-4F);
    }
  }
}

#ifdef ATTAR_WITH_ONEDNN  // bf16 needs it.
TEST(LiveTeachers, ComputeInTheirOwnPrecision) {
  ATTAR_SKIP_WITHOUT_BF16();
  const auto int8 = quantize<Int8<>>(network(), data());
  LiveTeachers source = live(teachers(network(), in<Bf16>(network()), int8));
  const auto answers = source.ask(batch(32));
  ASSERT_EQ(answers.size(), 3U);
  float largest = 0;
  for (std::size_t i = 0; i < answers[0].logits.size(); ++i)
    largest = std::max(largest, std::abs(answers[0].logits.data[i]));
  for (const std::size_t k : {std::size_t{1}, std::size_t{2}}) {
    float difference = 0;
    for (std::size_t i = 0; i < answers[0].logits.size(); ++i) {
      difference = std::max(difference, std::abs(answers[0].logits.data[i] - answers[k].logits.data[i]));
    }
    EXPECT_GT(difference, 0.0F) << "teacher " << k << " is as exact as float";
    EXPECT_LT(difference, 0.1F * largest) << "teacher " << k;
  }
}
#endif

TEST(LiveTeachers, AreToldApartByTheirDescription) {
  const Network<Net> other{Seed{2}};
  EXPECT_EQ(live(teachers(network())).description(), live(teachers(network())).description());
  EXPECT_NE(live(teachers(network())).description(), live(teachers(other)).description());
  EXPECT_NE(detail::identity(network()), detail::identity(InPrecision<Bf16, Net>{network()}));
}

TEST(FoldedValue, IsTheSameValueWithoutTheNorms) {
  using Folded = fold_batch_norm_t<Net>;
  const auto folded = [](std::string_view where) {
    return Folded::program.shape(detail::folded_value(Net::program, Folded::program, find_tap(Net::program, where)));
  };
  EXPECT_EQ(folded("seen"), (Shape{6, 8, 8}));
  EXPECT_EQ(folded("5"), (Shape{8, 8, 8}));
  EXPECT_EQ(folded("6"), (Shape{8, 1, 1}));
  const auto survives = [](std::string_view where) {
    return detail::survives_folding(Net::program, Folded::program, find_tap(Net::program, where));
  };
  EXPECT_FALSE(survives("0"));
  EXPECT_TRUE(survives("1"));
  EXPECT_TRUE(survives("seen"));
  EXPECT_FALSE(survives("4"));
  EXPECT_TRUE(survives("5"));
  EXPECT_TRUE(survives("7"));
}

}  // namespace
}  // namespace attar::teacher_forward_test
