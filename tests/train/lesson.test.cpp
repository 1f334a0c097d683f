// SPDX-License-Identifier: MIT
#include <algorithm>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "../support/tiny_data.hpp"
#include <attar/loss/hard_labels.hpp>
#include <attar/model/tap.hpp>
#include <attar/optim/sgd.hpp>
#include <attar/train/trainer.hpp>

namespace attar::lesson_test {
namespace {

using Net = Sequential<Input<1, 8, 8>, Conv2d<4, Kernel<3>>, BatchNorm2d, ReLU, Tag<"seen">, Flatten, Linear<4>>;

auto trainer(TrainOptions options = {}, int epochs = 1) {
  options.batch_size = 32;
  options.progress = false;
  return Trainer{Sgd{.rate = 0.05, .momentum = 0.9}, Constant{}, Epochs{epochs}, options};
}

/// Pulls the maps at the tap towards a number that it learns itself: loss = mean (map - number)^2.
class PullLesson final : public Lesson {
 public:
  [[nodiscard]] std::span<const int> taps() const override { return taps_; }
  double teach(const LessonStep& step) override {
    const MapsView<float>& maps = step.maps[0];
    EXPECT_EQ(maps.shape, (Shape{4, 8, 8}));
    const auto share = 1 / static_cast<float>(maps.size());
    double loss = 0;
    gradient_[0] = 0;
    for (std::size_t i = 0; i < maps.size(); ++i) {
      const float difference = maps.data[i] - number_[0];
      loss += static_cast<double>(share * difference * difference);
      step.map_gradients[0][i] = 2 * share * difference;
      gradient_[0] -= 2 * share * difference;
    }
    progress.push_back(step.progress);
    losses.push_back(loss);
    return loss;
  }
  [[nodiscard]] std::string description() const override { return "pull"; }
  [[nodiscard]] std::vector<Trained> trained() override { return {{number_, gradient_}}; }
  [[nodiscard]] std::vector<std::span<float>> memory() override { return {memory_}; }

  std::vector<double> progress;
  std::vector<double> losses;
  std::vector<float> number_{5.0F};

 private:
  std::vector<int> taps_{tapped_value(Net::program, "seen")};
  std::vector<float> gradient_{0.0F};
  std::vector<float> memory_{1.0F};
};

TEST(TermLesson, SaysWhichTermItIs) {
  const HardLabels<> plain;
  const HardLabels<Weight<1, 2>> half;
  EXPECT_EQ(TermLesson{plain}.description(), TermLesson{plain}.description());
  EXPECT_NE(TermLesson{plain}.description(), TermLesson{half}.description());
}

TEST(Lesson, SeesMapsAndTrainsWithTheNetwork) {
  Network<Net> network{Seed{1}};
  PullLesson lesson;
  trainer({}, 20).fit(network, test::corners(64), lesson);
  EXPECT_LT(lesson.losses.back(), 0.5 * lesson.losses.front());
  EXPECT_LT(lesson.number_[0], 5.0F);
}

TEST(Lesson, IsToldHowFarTheRunIs) {
  Network<Net> network{Seed{1}};
  PullLesson lesson;
  trainer({}, 2).fit(network, test::corners(64), lesson);
  EXPECT_EQ(lesson.progress, (std::vector<double>{0, 0.25, 0.5, 0.75}));
}

TEST(Lesson, OfATermIsThatTerm) {
  const Dataset data = test::corners(64);
  Network<Net> by_term{Seed{1}};
  Network<Net> by_lesson{Seed{1}};
  trainer().fit(by_term, data, HardLabels<>{});
  TermLesson<HardLabels<>> lesson{HardLabels<>{}};
  trainer().fit(by_lesson, data, lesson);
  EXPECT_TRUE(std::ranges::equal(by_term.buffer(), by_lesson.buffer()));
}

}  // namespace
}  // namespace attar::lesson_test
