// SPDX-License-Identifier: MIT
#include <array>
#include <vector>

#include <gtest/gtest.h>

#include <attar/core/rng.hpp>
#include <attar/distill/lesson.hpp>
#include <attar/loss/soft_targets.hpp>
#include <attar/model/sequential.hpp>

namespace attar::knowledge_source_test {
namespace {

using Net = Sequential<Input<1, 2, 2>, Flatten, Linear<3>>;

/// Says what each sample's place in the data set is.
class Numbered final : public KnowledgeSource {
 public:
  std::span<const TeacherAnswer> ask(const Batch& batch) override {
    for (std::size_t i = 0; i < batch.size(); ++i) logits_[3 * i] = static_cast<float>(batch.indices()[i]);
    answer_[0].logits = {logits_.data(), batch.size(), 3};
    ++asked;
    return answer_;
  }
  [[nodiscard]] std::string description() const override { return " numbered"; }

  int asked = 0;

 private:
  std::vector<float> logits_ = std::vector<float>(6);
  std::array<TeacherAnswer, 1> answer_;
};

TEST(KnowledgeSource, IsAskedOnceAStepAboutItsBatch) {
  Numbered source;
  DistillLesson<Distill<SoftTargets<>, SoftTargets<Temperature<2>>>> lesson{
      source, {.student = Net::program, .batch = 2, .teachers = 1}};
  Batch batch{Net::input_shape, 2};
  batch.indices()[0] = 0;
  batch.indices()[1] = 9;
  const std::vector<float> logits(6);
  std::vector<float> gradient(6);
  lesson.teach({.batch = batch, .logits = {logits.data(), 2, 3}, .logits_gradient = gradient});
  EXPECT_EQ(source.asked, 1);
  EXPECT_EQ(gradient[0], 0.0F) << "the first image's teacher is as even as the student";
  EXPECT_LT(gradient[3], 0.0F) << "the second's likes class 0";
  EXPECT_TRUE(lesson.description().ends_with(" numbered")) << lesson.description();
  const DistillLesson<Distill<SoftTargets<>, SoftTargets<Temperature<3>>>> other{
      source, {.student = Net::program, .batch = 2, .teachers = 1}};
  EXPECT_NE(lesson.description(), other.description());
}

}  // namespace
}  // namespace attar::knowledge_source_test
