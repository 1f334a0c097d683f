// SPDX-License-Identifier: MIT
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "../support/allocations.hpp"
#include <attar/data/batch.hpp>
#include <attar/distill/known_teachers.hpp>

namespace attar::known_teachers_test {
namespace {

constexpr std::size_t images = 6;
constexpr Shape map_shape{2, 1, 1};

/// Logits and maps that tell where they are from.
float number(std::size_t teacher, std::uint64_t epoch, std::uint32_t sample, std::size_t place) {
  return static_cast<float>(1000 * teacher + 100 * epoch + 10 * sample + place);
}

Knowledge numbered(Keeping keeping) {
  Knowledge knowledge{{.images = images,
                       .classes = 3,
                       .augmentation = {.flip = true},
                       .epochs = 2,
                       .keeping = keeping,
                       .teachers = " teacher 1 teacher 2",
                       .taps = {"a", "b"},
                       .shapes = {{map_shape, map_shape}, {map_shape, map_shape}}}};
  for (std::size_t teacher = 0; teacher < 2; ++teacher) {
    for (std::uint64_t epoch = 0; epoch < 2; ++epoch) {
      for (std::uint32_t sample = 0; sample < images; ++sample) {
        const auto numbers = [&](std::size_t first, std::size_t count) {
          std::vector<float> result;
          for (std::size_t i = 0; i < count; ++i) result.push_back(number(teacher, epoch, sample, first + i));
          return result;
        };
        knowledge.keep_logits(teacher, epoch, sample, numbers(0, 3));
        knowledge.keep_maps(teacher, 0, epoch, sample, numbers(3, 2));
        knowledge.keep_maps(teacher, 1, epoch, sample, numbers(5, 2));
      }
    }
  }
  return knowledge;
}

Batch batch_of(const std::vector<std::uint32_t>& samples, std::uint64_t epoch) {
  Batch batch{Shape{1, 1, 1}, 4};
  batch.reset(samples.size(), epoch);
  std::ranges::copy(samples, batch.indices().begin());
  return batch;
}

TEST(KnownTeachers, AnswerBySampleEpochAndTap) {
  const Knowledge knowledge = numbered(Exactly::keeping);
  const std::array<std::string_view, 2> taps{"b", "a"};  // Not in the order in which they were kept.
  detail::KnownTeachers known{knowledge, 4, taps};
  for (const auto& [samples, epoch] : {std::pair{std::vector<std::uint32_t>{4, 1, 0, 5}, std::uint64_t{1}},
                                       std::pair{std::vector<std::uint32_t>{3, 2, 0}, std::uint64_t{0}}}) {
    const std::span<const TeacherAnswer> answers = known.ask(batch_of(samples, epoch));
    ASSERT_EQ(answers.size(), 2U);
    for (std::size_t teacher = 0; teacher < 2; ++teacher) {
      const auto& [logits, maps] = answers[teacher];
      ASSERT_EQ(logits.batch, samples.size());
      ASSERT_EQ(maps.size(), 2U);
      EXPECT_EQ(maps[0].batch, samples.size());
      for (std::size_t i = 0; i < samples.size(); ++i) {
        for (std::size_t c = 0; c < 3; ++c) EXPECT_EQ(logits.row(i)[c], number(teacher, epoch, samples[i], c));
        for (std::size_t c = 0; c < 2; ++c) {
          EXPECT_EQ(maps[0].image(i)[c], number(teacher, epoch, samples[i], 5 + c));
          EXPECT_EQ(maps[1].image(i)[c], number(teacher, epoch, samples[i], 3 + c));
        }
      }
    }
  }
}

TEST(KnownTeachers, TakeNoMemoryToAnswer) {
  const Batch batch = batch_of({4, 1, 0, 5}, 1);
  for (const Keeping keeping : {Exactly::keeping, InHalf::keeping, TopK<1>::keeping}) {
    const Knowledge knowledge = numbered(keeping);
    const std::array<std::string_view, 1> taps{"a"};
    detail::KnownTeachers known{knowledge, 4, taps};
    known.ask(batch);  // OpenMP starts its threads.
    const std::size_t before = test::allocations();
    known.ask(batch);
    EXPECT_EQ(test::allocations(), before);
  }
}

TEST(KnownTeachers, SayWhatWasRounded) {
  const auto description = [](Keeping keeping) {
    const Knowledge knowledge = numbered(keeping);
    return detail::KnownTeachers{knowledge, 1, {}}.description();
  };
  EXPECT_EQ(description(Exactly::keeping), " teacher 1 teacher 2");
  EXPECT_NE(description(InHalf::keeping), description(Exactly::keeping));
  EXPECT_NE(description(TopK<1>::keeping), description(InHalf::keeping));
  EXPECT_NE(description(TopK<1>::keeping), description(TopK<2>::keeping));
}

}  // namespace
}  // namespace attar::known_teachers_test
