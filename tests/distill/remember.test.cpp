// SPDX-License-Identifier: MIT
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string_view>
#include <type_traits>
#include <vector>

#include <gtest/gtest.h>

#include "../io/scratch.hpp"
#include "../support/tiny_data.hpp"
#include <attar/backend/reference.hpp>
#include <attar/data/loader.hpp>
#include <attar/distill/remember.hpp>
#include <attar/optim/sgd.hpp>

namespace attar::remember_test {
namespace {

template <int Width>
using Net = Sequential<Input<1, 8, 8>, Conv2d<Width, Kernel<3>>, BatchNorm2d, ReLU, MaxPool2d<2>, Flatten, Linear<4>>;
using Backend = Reference<float>;

const RememberOptions quiet{.batch_size = 16, .progress = false};
constexpr Augmentation varied{.flip = true, .crop_padding = 2};

std::vector<float> recall(const Knowledge& knowledge, std::size_t teacher, std::uint64_t epoch, std::uint32_t sample) {
  std::vector<float> logits(knowledge.origin().classes);
  knowledge.recall_logits(teacher, epoch, sample, logits);
  return logits;
}

TEST(Remember, KeepsWhatTheTeachersSayAboutEveryImageOfEveryEpoch) {
  const Dataset data = test::corners(50);  // The last batch is not full.
  const Network<Net<8>> first{Seed{1}};
  const Network<Net<5>> second{Seed{2}};
  RememberOptions options = quiet;
  options.augmentation = varied;
  options.seed = Seed{3};
  options.epochs = 2;
  const Knowledge knowledge =
      remember(teachers(first, second), data, options, Exactly{}, Taps<Tap<"2">, Tap<"3">>{}, Fp32{}, Backend{});

  // The same images in another order and in other batches.
  Loader loader{data, {.batch_size = 7, .augmentation = varied, .seed = Seed{3}, .shuffle = true}};
  const std::array<std::string_view, 2> taps{"2", "3"};
  LiveTeachers live{Backend{}, std::type_identity<float>{}, teachers(first, second), 7, taps};
  for (std::uint64_t epoch = 0; epoch < 2; ++epoch) {
    for (const Batch& batch : loader.epoch(epoch)) {
      const std::span<const TeacherAnswer> answers = live.ask(batch);
      for (std::size_t teacher = 0; teacher < 2; ++teacher) {
        for (std::size_t i = 0; i < batch.size(); ++i) {
          const std::uint32_t sample = batch.indices()[i];
          EXPECT_TRUE(std::ranges::equal(recall(knowledge, teacher, epoch, sample), answers[teacher].logits.row(i)));
          for (std::size_t tap = 0; tap < 2; ++tap) {
            std::vector<float> maps(answers[teacher].maps[tap].shape.size());
            knowledge.recall_maps(teacher, tap, epoch, sample, maps);
            EXPECT_TRUE(std::ranges::equal(maps, answers[teacher].maps[tap].image(i)));
          }
        }
      }
    }
  }
  EXPECT_NE(recall(knowledge, 0, 0, 0), recall(knowledge, 0, 1, 0)) << "the augmentation did nothing";
}

TEST(Remember, SaysWhatItBelongsTo) {
  const Dataset data = test::corners(30);
  const Network<Net<8>> first{Seed{1}};
  const Network<Net<5>> second{Seed{2}};
  RememberOptions options = quiet;
  options.augmentation = varied;
  options.seed = Seed{3};
  options.epochs = 2;
  const Knowledge knowledge = remember(teachers(first, second), data, options, TopK<2>{}, Taps<Tap<"3">>{});
  const KnowledgeOrigin& origin = knowledge.origin();
  EXPECT_EQ(origin.data, identity(data));
  EXPECT_EQ(origin.images, 30U);
  EXPECT_EQ(origin.classes, 4U);
  EXPECT_EQ(origin.augmentation, varied);
  EXPECT_EQ(origin.seed.value, 3U);
  EXPECT_EQ(origin.epochs, 2U);
  EXPECT_EQ(origin.keeping, TopK<2>::keeping);
  EXPECT_EQ(origin.taps, std::vector<std::string>{"3"});
  const std::vector<std::vector<Shape>> shapes{{Shape{8, 4, 4}}, {Shape{5, 4, 4}}};
  EXPECT_EQ(origin.shapes, shapes);
  EXPECT_NE(origin.teachers, remember(teachers(second, first), data, quiet).origin().teachers);
}

TEST(Remember, WithoutAugmentationOneEpochIsEnough) {
  const Network<Net<8>> teacher{Seed{1}};
  RememberOptions options = quiet;
  options.epochs = 5;
  const Knowledge knowledge = remember(teachers(teacher), test::corners(20), options);
  EXPECT_EQ(knowledge.origin().epochs, 1U);
  EXPECT_EQ(knowledge.bytes(), 20U * 4U * sizeof(float));
}

TEST(Remember, ForATrainerTakesItsImages) {
  const Trainer trainer{Sgd{}, Constant{}, Epochs{.count = 4, .stop_after = 3},
                        TrainOptions{.batch_size = 8, .seed = Seed{9}, .augmentation = varied, .progress = false}};
  const Network<Net<8>> teacher{Seed{1}};
  const Knowledge knowledge = remember(teachers(teacher), test::corners(20), trainer, InHalf{});
  EXPECT_EQ(knowledge.origin().augmentation, varied);
  EXPECT_EQ(knowledge.origin().seed.value, 9U);
  EXPECT_EQ(knowledge.origin().epochs, 3U);
  EXPECT_EQ(knowledge.origin().keeping, InHalf::keeping);
}

TEST(Remember, RefusesWhatCannotBeRight) {
  const Dataset data = test::corners(20);
  Network<Net<8>> teacher{Seed{1}};
  RememberOptions options = quiet;
  options.epochs = 0;
  test::expect_error(ErrorCode::invalid_argument, "epochs", [&] { (void)remember(teachers(teacher), data, options); });
  options = quiet;
  options.batch_size = 0;
  test::expect_error(ErrorCode::invalid_argument, "batch", [&] { (void)remember(teachers(teacher), data, options); });
  using Larger = Sequential<Input<1, 9, 9>, Flatten, Linear<4>>;
  const Network<Larger> larger{Seed{1}};
  test::expect_error(ErrorCode::invalid_argument, "1x9x9", [&] { (void)remember(teachers(larger), data, quiet); });
  teacher.tensor("5.bias")[0] = std::numeric_limits<float>::quiet_NaN();
  test::expect_error(ErrorCode::not_finite, "logits", [&] { (void)remember(teachers(teacher), data, quiet); });
}

TEST(Remember, StopsWhenAsked) {
  const Network<Net<8>> teacher{Seed{1}};
  detail::interrupt_requested = true;
  test::expect_error(ErrorCode::interrupted, "stop",
                     [&] { (void)remember(teachers(teacher), test::corners(20), quiet); });
  detail::interrupt_requested = false;
}

}  // namespace
}  // namespace attar::remember_test
