// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <attar/core/aligned_buffer.hpp>
#include <attar/core/rng.hpp>
#include <attar/detail/whole_range.hpp>
#include <attar/distill/fused_logits.hpp>
#include <attar/distill/fusion.hpp>
#include <attar/distill/knowledge_source.hpp>
#include <attar/distill/objective.hpp>
#include <attar/io/type_checksum.hpp>
#include <attar/loss/features.hpp>
#include <attar/model/program.hpp>
#include <attar/model/tap.hpp>
#include <attar/train/lesson.hpp>

namespace attar {

namespace detail {

/// The teachers' taps of an objective, each once, in the order in which a `KnowledgeSource` is to answer.
template <class Objective>
std::vector<std::string_view> teacher_taps() {
  std::vector<std::string_view> taps;
  Objective::for_each_feature_term([&]<class Term>(std::type_identity<Term>) {
    if (detail::find(taps, Term::TeacherTap::where) == taps.end()) taps.push_back(Term::TeacherTap::where);
  });
  return taps;
}

}  // namespace detail

/// What `distill` needs to know of student, teachers and data to make a lesson.
struct LessonContext {
  const Program& student;
  std::size_t batch = 0;
  std::size_t teachers = 0;
  std::vector<std::vector<Shape>> teacher_shapes = {};  ///< Of each teacher, at each of the taps.
  std::span<const std::int32_t> labels = {};            ///< Of the whole data set.
  Seed seed = {};
};

/// The lesson of an objective: asks the teachers, fuses them, adds the terms' losses and gradients up.
template <class Objective>
class DistillLesson final : public Lesson {
 public:
  /// `source` must outlive the lesson.
  DistillLesson(KnowledgeSource& source, const LessonContext& context)
      : source_{source}, batch_{context.batch}, classes_{context.student.output_shape().size()} {
    make_feature_terms(context);
    if constexpr (has_fusion) {
      fusion_ = std::make_unique<typename Objective::Fusion::Weights::State>(context.teachers, classes_, context.seed);
      weights_.resize(context.teachers * batch_);
      fused_ = AlignedBuffer<float>{batch_ * classes_};
    }
  }

  [[nodiscard]] std::span<const int> taps() const override { return taps_; }

  double teach(const LessonStep& step) override {
    const std::span<const TeacherAnswer> answers = source_.ask(step.batch);
    logits_.clear();
    for (const TeacherAnswer& answer : answers) logits_.push_back(answer.logits);
    if constexpr (has_fusion) fusion_->weigh({step.logits, step.batch.labels(), detail::span_of(logits_)}, weights_);
    double loss = 0;
    Objective::for_each_output_term([&]<class Term>(std::type_identity<Term>) { loss += output_term<Term>(step); });
    for (FeatureWork& work : features_) loss += feature_term(work, step, answers[work.teacher]);
    return loss;
  }

  [[nodiscard]] std::vector<Trained> trained() override {
    std::vector<Trained> result;
    for (const FeatureWork& work : features_) {
      if (!work.state->parameters().empty()) result.push_back({work.state->parameters(), work.state->gradients()});
    }
    if (fusion_ && !fusion_->parameters().empty()) result.push_back({fusion_->parameters(), fusion_->gradients()});
    return result;
  }

  [[nodiscard]] std::vector<std::span<float>> memory() override {
    std::vector<std::span<float>> result;
    for (const FeatureWork& work : features_) {
      if (!work.state->memory().empty()) result.push_back(work.state->memory());
    }
    return result;
  }

  [[nodiscard]] std::string description() const override { return type_checksum<Objective>() + source_.description(); }

 private:
  static constexpr bool has_fusion = !std::is_void_v<typename Objective::Fusion>;
  /// What is fused; without a `Fuse` every term meets its one teacher.
  static constexpr FusionOf fusion_of = detail::fusion_of<typename Objective::Fusion>;

  /// A feature term against one teacher.
  struct FeatureWork {
    std::unique_ptr<FeatureState<float>> state;
    std::size_t tap;          ///< Of the student.
    std::size_t teacher;      ///< Which one.
    std::size_t teacher_tap;  ///< Of that teacher.
  };

  void make_feature_terms(const LessonContext& context) {
    const std::vector<std::string_view> teacher_taps = detail::teacher_taps<Objective>();
    Objective::for_each_feature_term([&]<class Term>(std::type_identity<Term>) {
      const int value = tapped_value(context.student, Term::StudentTap::where);
      const auto known = detail::find(taps_, value);
      const auto tap = static_cast<std::size_t>(known - taps_.begin());
      if (known == taps_.end()) taps_.push_back(value);
      const auto teacher_tap =
          static_cast<std::size_t>(detail::find(teacher_taps, Term::TeacherTap::where) - teacher_taps.begin());
      for (std::size_t teacher = 0; teacher < context.teachers; ++teacher) {
        const FeatureContext of{.student = context.student.shape(value),
                                .teacher = context.teacher_shapes[teacher][teacher_tap],
                                .batch = context.batch,
                                .labels = context.labels,
                                .seed = {context.seed.value + features_.size()}};
        features_.push_back({std::make_unique<typename Term::template State<float>>(of), tap, teacher, teacher_tap});
      }
    });
  }

  /// What teacher `k` counts for each image; empty where it is the only one.
  [[nodiscard]] std::span<const double> image_weights(std::size_t k) const {
    return has_fusion ? std::span{weights_}.subspan(k * batch_, batch_) : std::span<const double>{};
  }

  template <class Term>
  double output_term(const LessonStep& step) {
    LossInputs<float> inputs{.student = step.logits, .labels = step.batch.labels(), .progress = step.progress};
    if constexpr (!Term::needs_teacher) {
      return Term{}.add(inputs, step.logits_gradient);
    } else if constexpr (fusion_of != FusionOf::losses) {
      const LogitsView<float> fused = fuse<Term>(step.progress);
      inputs.teachers = {&fused, 1};
      return Term{}.add(inputs, step.logits_gradient);
    } else {
      double loss = 0;
      for (std::size_t k = 0; k < logits_.size(); ++k) {
        inputs.teachers = {&logits_[k], 1};
        inputs.image_weights = image_weights(k);
        loss += Term{}.add(inputs, step.logits_gradient);
      }
      return loss;
    }
  }

  template <class Term>
  LogitsView<float> fuse(double progress) {
    if constexpr (fusion_of == FusionOf::logits) {
      detail::mean_logits(detail::span_of(logits_), weights_, fused_.span());
    } else if constexpr (requires { Term::temperature(progress); }) {
      detail::log_mean_probabilities(detail::span_of(logits_), weights_, Term::temperature(progress), fused_.span());
    } else {
      detail::log_mean_probabilities(detail::span_of(logits_), weights_, 1, fused_.span());
    }
    return {fused_.data(), batch_, classes_};
  }

  double feature_term(FeatureWork& work, const LessonStep& step, const TeacherAnswer& answer) {
    return work.state->add({.student = step.maps[work.tap],
                            .teacher = answer.maps[work.teacher_tap],
                            .samples = step.batch.indices(),
                            .image_weights = image_weights(work.teacher),
                            .progress = step.progress},
                           step.map_gradients[work.tap]);
  }

  KnowledgeSource& source_;
  std::size_t batch_, classes_;
  std::vector<int> taps_;
  std::vector<FeatureWork> features_;
  std::unique_ptr<FusionState> fusion_;
  std::vector<double> weights_;  ///< Teachers x batch.
  AlignedBuffer<float> fused_;
  std::vector<LogitsView<float>> logits_;  ///< Of the teachers, for the batch at hand.
};

}  // namespace attar
