// SPDX-License-Identifier: MIT
#include <array>
#include <cstddef>
#include <numeric>
#include <vector>

#include <gtest/gtest.h>

#include <attar/core/rng.hpp>
#include <attar/distill/lesson.hpp>
#include <attar/loss/attention_transfer.hpp>
#include <attar/loss/hard_labels.hpp>
#include <attar/loss/soft_targets.hpp>
#include <attar/model/sequential.hpp>

namespace attar::lesson_test {
namespace {

constexpr std::size_t batch_size = 3;
using Net = Sequential<Input<1, 4, 4>, Conv2d<2, Kernel<3>>, ReLU, Tag<"seen">, Flatten, Linear<5>>;
constexpr Shape teacher_shape{3, 4, 4};

/// Says the same about every batch.
class FixedSource final : public KnowledgeSource {
 public:
  explicit FixedSource(std::size_t teachers)
      : logits_(teachers), maps_(teachers), views_(teachers), answers_(teachers) {
    Rng rng{Seed{3}};
    for (std::size_t k = 0; k < teachers; ++k) {
      for (std::size_t i = 0; i < batch_size * 5; ++i) logits_[k].push_back(3 * rng.normal());
      for (std::size_t i = 0; i < batch_size * teacher_shape.size(); ++i) maps_[k].push_back(rng.normal());
      views_[k] = {MapsView<float>{maps_[k].data(), batch_size, teacher_shape}};
      answers_[k] = {{logits_[k].data(), batch_size, 5}, views_[k]};
    }
  }
  std::span<const TeacherAnswer> ask(const Batch& /*batch*/) override { return answers_; }
  [[nodiscard]] std::string description() const override { return " fixed"; }

 private:
  std::vector<std::vector<float>> logits_, maps_;
  std::vector<std::array<MapsView<float>, 1>> views_;
  std::vector<TeacherAnswer> answers_;
};

struct Found {
  double loss = 0;
  std::vector<float> logits_gradient = std::vector<float>(batch_size * 5);
  std::vector<float> map_gradient = std::vector<float>(batch_size * 32);
};

template <class Objective>
Found teach(FixedSource& source, std::size_t teachers, double progress = 0) {
  DistillLesson<Objective> lesson{source,
                                  {.student = Net::program,
                                   .batch = batch_size,
                                   .teachers = teachers,
                                   .teacher_shapes = std::vector<std::vector<Shape>>(teachers, {teacher_shape})}};
  Batch batch{Net::input_shape, batch_size};
  std::iota(batch.labels().begin(), batch.labels().end(), 1);
  Rng rng{Seed{4}};
  std::vector<float> logits(batch_size * 5);
  std::vector<float> maps(batch_size * 32);
  for (float& x : logits) x = rng.normal();
  for (float& x : maps) x = rng.normal();
  Found found;
  const std::array views{MapsView<float>{maps.data(), batch_size, {2, 4, 4}}};
  const std::array gradients{std::span{found.map_gradient}};
  found.loss = lesson.teach({.batch = batch,
                             .logits = {logits.data(), batch_size, 5},
                             .maps = views,
                             .progress = progress,
                             .logits_gradient = found.logits_gradient,
                             .map_gradients = gradients});
  return found;
}

void expect_near(const std::vector<float>& found, const std::vector<float>& expected) {
  ASSERT_EQ(found.size(), expected.size());
  for (std::size_t i = 0; i < found.size(); ++i) EXPECT_NEAR(found[i], expected[i], 1e-6F) << i;
}

using Soft = SoftTargets<Temperature<4>>;
using Seen = AttentionTransfer<Tap<"seen">, Weight<10>>;

TEST(DistillLesson, AddsTheTermsUp) {
  FixedSource source{1};
  const Found hard = teach<Distill<HardLabels<>>>(source, 1);
  const Found soft = teach<Distill<Soft>>(source, 1);
  const Found seen = teach<Distill<Seen>>(source, 1);
  const Found all = teach<Distill<Seen, Soft, HardLabels<>>>(source, 1);
  EXPECT_NEAR(all.loss, hard.loss + soft.loss + seen.loss, 1e-9);
  for (std::size_t i = 0; i < all.logits_gradient.size(); ++i) {
    EXPECT_NEAR(all.logits_gradient[i], hard.logits_gradient[i] + soft.logits_gradient[i], 1e-6F);
  }
  expect_near(all.map_gradient, seen.map_gradient);
}

TEST(DistillLesson, FusesLossesLogitsAndProbabilities) {
  FixedSource source{3};
  const Found losses = teach<Distill<Fuse<Equal>, Soft>>(source, 3);
  const Found probabilities = teach<Distill<Fuse<Equal, FusionOf::probabilities>, Soft>>(source, 3);
  const Found logits = teach<Distill<Fuse<Equal, FusionOf::logits>, Soft>>(source, 3);
  // Of soft targets, losses and probabilities have the same gradient; the loss of the mean is the smaller (Jensen).
  expect_near(losses.logits_gradient, probabilities.logits_gradient);
  EXPECT_GT(losses.loss, probabilities.loss);
  EXPECT_NE(logits.logits_gradient, probabilities.logits_gradient);
}

TEST(DistillLesson, AWeightOfOneIsThatTeacherAlone) {
  FixedSource three{3};
  FixedSource one{1};
  const Found alone = teach<Distill<Soft, Seen>>(one, 1);
  using Only = Fixed<Weight<1>, Weight<0>, Weight<0>>;
  const Found losses = teach<Distill<Fuse<Only>, Soft, Seen>>(three, 3);
  expect_near(losses.logits_gradient, alone.logits_gradient);
  expect_near(losses.map_gradient, alone.map_gradient);
  EXPECT_NEAR(losses.loss, alone.loss, 1e-9);
  expect_near(teach<Distill<Fuse<Only, FusionOf::logits>, Soft>>(three, 3).logits_gradient, alone.logits_gradient);
  expect_near(teach<Distill<Fuse<Only, FusionOf::probabilities>, Soft>>(three, 3).logits_gradient,
              alone.logits_gradient);
}

TEST(DistillLesson, WeightsFollowTheSchedule) {
  FixedSource source{1};
  using Ramped = Distill<SoftTargets<Temperature<4>, Ramp<Weight<0>, Weight<2>>>>;
  EXPECT_EQ(teach<Ramped>(source, 1, 0).loss, 0);
  EXPECT_NEAR(teach<Ramped>(source, 1, 0.5).loss, teach<Distill<Soft>>(source, 1).loss, 1e-9);
}

TEST(DistillLesson, TapsOnceWhatSeveralTermsSee) {
  FixedSource source{1};
  const DistillLesson<Distill<Seen, AttentionTransfer<Tap<"seen">, Tap<"other">>>> lesson{
      source,
      {.student = Net::program,
       .batch = batch_size,
       .teachers = 1,
       .teacher_shapes = {{teacher_shape, teacher_shape}}}};
  ASSERT_EQ(lesson.taps().size(), 1U);
  EXPECT_EQ(lesson.taps()[0], tapped_value(Net::program, "seen"));
}

TEST(DistillLesson, SeesNothingWhereTheWeightIsZero) {
  FixedSource source{1};
  using Blind = Distill<AttentionTransfer<Tap<"nowhere">, Weight<0>>, HardLabels<>>;
  EXPECT_FALSE(Blind::needs_teacher);
  const DistillLesson<Blind> lesson{source, {.student = Net::program, .batch = batch_size}};
  EXPECT_TRUE(lesson.taps().empty());
}

}  // namespace
}  // namespace attar::lesson_test
