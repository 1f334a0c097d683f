// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "../io/scratch.hpp"
#include "../support/tiny_data.hpp"
#include <attar/core/rng.hpp>
#include <attar/distill/knowledge.hpp>
#include <attar/loss/log_softmax.hpp>

namespace attar::knowledge_test {
namespace {

constexpr std::size_t classes = 10;
constexpr Shape map_shape{3, 2, 4};

/// Two teachers, the second with maps of another shape, three images in two epochs that differ.
KnowledgeOrigin origin(Keeping keeping) {
  return {.data = 1,
          .images = 3,
          .classes = classes,
          .augmentation = {.flip = true},
          .epochs = 2,
          .keeping = keeping,
          .taps = {"a", "b"},
          .shapes = {{map_shape, Shape{1, 1, 1}}, {Shape{2, 1, 1}, map_shape}}};
}

std::vector<float> random_numbers(std::size_t count, std::uint64_t stream) {
  Rng rng{Seed{5}, stream};
  std::vector<float> numbers(count);
  for (float& number : numbers) number = 4 * rng.normal();
  return numbers;
}

std::vector<float> recall(const Knowledge& knowledge, std::size_t teacher, std::uint64_t epoch, std::uint32_t sample) {
  std::vector<float> logits(classes);
  knowledge.recall_logits(teacher, epoch, sample, logits);
  return logits;
}

/// Calls `body(teacher, epoch, sample, stream)` for all of them, with a stream of random numbers for each.
template <class Body>
void for_each_answer(Body&& body) {
  std::uint64_t stream = 0;
  for (std::size_t teacher = 0; teacher < 2; ++teacher) {
    for (std::uint64_t epoch = 0; epoch < 2; ++epoch) {
      for (std::uint32_t sample = 0; sample < 3; ++sample) body(teacher, epoch, sample, ++stream);
    }
  }
}

Knowledge filled(Keeping keeping) {
  Knowledge knowledge{origin(keeping)};
  for_each_answer([&](std::size_t teacher, std::uint64_t epoch, std::uint32_t sample, std::uint64_t stream) {
    knowledge.keep_logits(teacher, epoch, sample, random_numbers(classes, stream));
    for (std::size_t tap = 0; tap < 2; ++tap) {
      const std::size_t size = knowledge.origin().shapes[teacher][tap].size();
      knowledge.keep_maps(teacher, tap, epoch, sample, random_numbers(size, 100 * (tap + 1) + stream));
    }
  });
  return knowledge;
}

TEST(Knowledge, KeepsEveryBitExactly) {
  const Knowledge knowledge = filled(Exactly::keeping);
  EXPECT_EQ(knowledge.teachers(), 2U);
  for_each_answer([&](std::size_t teacher, std::uint64_t epoch, std::uint32_t sample, std::uint64_t stream) {
    EXPECT_EQ(recall(knowledge, teacher, epoch, sample), random_numbers(classes, stream));
    for (std::size_t tap = 0; tap < 2; ++tap) {
      std::vector<float> maps(knowledge.origin().shapes[teacher][tap].size());
      knowledge.recall_maps(teacher, tap, epoch, sample, maps);
      EXPECT_EQ(maps, random_numbers(maps.size(), 100 * (tap + 1) + stream));
    }
  });
}

TEST(Knowledge, InHalfRoundsToElevenBits) {
  const Knowledge knowledge = filled(InHalf::keeping);
  EXPECT_EQ(2 * knowledge.bytes(), filled(Exactly::keeping).bytes());
  bool rounded = false;
  const auto expect_near = [&](const std::vector<float>& found, const std::vector<float>& expected) {
    for (std::size_t i = 0; i < found.size(); ++i) {
      EXPECT_NEAR(found[i], expected[i], 0x1p-11 * std::abs(expected[i]) + 0x1p-25);
      rounded = rounded || found[i] != expected[i];
    }
  };
  for_each_answer([&](std::size_t teacher, std::uint64_t epoch, std::uint32_t sample, std::uint64_t stream) {
    expect_near(recall(knowledge, teacher, epoch, sample), random_numbers(classes, stream));
    std::vector<float> maps(knowledge.origin().shapes[teacher][1].size());
    knowledge.recall_maps(teacher, 1, epoch, sample, maps);
    expect_near(maps, random_numbers(maps.size(), 200 + stream));
  });
  EXPECT_TRUE(rounded);
}

TEST(Knowledge, InHalfRefusesWhatHalvesCannotHold) {
  Knowledge knowledge{origin(InHalf::keeping)};
  std::vector<float> logits(classes, 1.0F);
  logits[3] = 65504;
  knowledge.keep_logits(0, 0, 0, logits);
  logits[3] = 70000;
  test::expect_error(ErrorCode::not_finite, "65504", [&] { knowledge.keep_logits(0, 0, 0, logits); });
}

TEST(Knowledge, TopKeepsTheLargestProbabilitiesAndTheMassOfTheRest) {
  const Knowledge knowledge = filled(TopK<3>::keeping);
  for_each_answer([&](std::size_t teacher, std::uint64_t epoch, std::uint32_t sample, std::uint64_t stream) {
    const std::vector<float> logits = random_numbers(classes, stream);
    const std::vector<float> known = recall(knowledge, teacher, epoch, sample);
    std::vector<float> descending = logits;
    std::ranges::sort(descending, std::ranges::greater{});
    const LogSoftmax<float> before{logits};
    const LogSoftmax<float> after{known};
    double rest = 0;
    for (std::size_t c = 0; c < classes; ++c) rest += logits[c] < descending[2] ? before.probability(c) : 0;
    for (std::size_t c = 0; c < classes; ++c) {
      if (logits[c] >= descending[2]) {
        EXPECT_EQ(known[c], logits[c]);
        EXPECT_NEAR(after.probability(c), before.probability(c), 1e-6);
      } else {
        EXPECT_NEAR(after.probability(c), rest / 7, 1e-6);
      }
    }
  });
}

TEST(Knowledge, TopTakesTheLowerOfEqualClasses) {
  Knowledge knowledge{origin(TopK<2>::keeping)};
  std::vector<float> logits(classes, -1.0F);
  logits[4] = logits[6] = logits[9] = 2;
  knowledge.keep_logits(0, 0, 0, logits);
  const std::vector<float> known = recall(knowledge, 0, 0, 0);
  EXPECT_EQ(known[4], 2);
  EXPECT_EQ(known[6], 2);
  EXPECT_LT(known[9], 2);
  EXPECT_EQ(known[9], known[0]);
}

TEST(Knowledge, TopRefusesLogitsWithoutAnOrder) {
  Knowledge knowledge{origin(TopK<2>::keeping)};
  std::vector<float> logits(classes, 1.0F);
  logits[7] = std::numeric_limits<float>::quiet_NaN();
  test::expect_error(ErrorCode::not_finite, "logits", [&] { knowledge.keep_logits(0, 0, 0, logits); });
}

TEST(Knowledge, WithoutAugmentationOneEpochIsAll) {
  KnowledgeOrigin plain = origin(Exactly::keeping);
  plain.augmentation = {};
  plain.epochs = 1;
  Knowledge knowledge{std::move(plain)};
  const std::vector<float> logits = random_numbers(classes, 1);
  knowledge.keep_logits(1, 0, 2, logits);
  EXPECT_EQ(recall(knowledge, 1, 17, 2), logits);
}

TEST(Knowledge, IsKnownAfterAMove) {
  Knowledge first = filled(Exactly::keeping);
  const std::vector<float> before = recall(first, 1, 1, 2);
  const Knowledge second = std::move(first);
  EXPECT_EQ(recall(second, 1, 1, 2), before);
}

TEST(Knowledge, IdentityTellsPixelsLabelsAndNormalizationApart) {
  const Dataset data = test::corners(20);
  EXPECT_EQ(identity(data), identity(test::corners(20)));
  EXPECT_NE(identity(data), identity(test::corners(20, Seed{8})));
  EXPECT_NE(identity(data), identity(data.take(19)));
  AlignedBuffer<std::uint8_t> images{data.images().size()};
  std::ranges::copy(data.images(), images.begin());
  const Dataset brighter{data.shape(),
                         data.classes(),
                         std::move(images),
                         {data.labels().begin(), data.labels().end()},
                         Normalization{{0.3F}, {0.25F}}};
  EXPECT_NE(identity(data), identity(brighter));
}

}  // namespace
}  // namespace attar::knowledge_test
