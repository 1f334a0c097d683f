// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include <attar/data/batch.hpp>
#include <attar/io/type_checksum.hpp>
#include <attar/loss/features.hpp>
#include <attar/loss/objective.hpp>

namespace attar {

/// What a lesson is given of a training step, and where it puts its answer.
struct LessonStep {
  const Batch& batch;
  LogitsView<float> logits;                              ///< The student's.
  std::span<const MapsView<float>> maps = {};            ///< The student's, one per tap.
  double progress = 0;                                   ///< The share of all training steps that is done, 0 to 1.
  std::span<float> logits_gradient;                      ///< As many numbers as the logits, zero.
  std::span<const std::span<float>> map_gradients = {};  ///< One per tap, zero.
};

/// Numbers beside the network's that a trainer trains with it, and their gradient.
struct Trained {
  std::span<float> parameters;
  std::span<const float> gradients;
};

/// What a network is taught with: the loss of each step and its gradients. `Trainer::fit` makes one of labels alone,
/// `distill` of an objective and its teachers.
class Lesson {
 public:
  Lesson() = default;
  Lesson(const Lesson&) = delete;
  Lesson& operator=(const Lesson&) = delete;
  virtual ~Lesson() = default;

  /// Values of the network's program that the lesson looks at, each named once.
  [[nodiscard]] virtual std::span<const int> taps() const { return {}; }
  /// Returns the loss and writes its gradients.
  virtual double teach(const LessonStep& step) = 0;
  /// What is to be trained besides the network; always the same spans.
  [[nodiscard]] virtual std::vector<Trained> trained() { return {}; }
  /// What else must be kept when a run is interrupted; always the same spans.
  [[nodiscard]] virtual std::vector<std::span<float>> memory() { return {}; }
  /// What it is and consists of, for a checkpoint to be of this run: other losses, another text. `type_checksum` is a
  /// text for a type.
  [[nodiscard]] virtual std::string description() const = 0;
};

/// The lesson of a term that needs no teacher, such as `HardLabels`.
template <LossTerm Term>
class TermLesson final : public Lesson {
  static_assert(!Term::needs_teacher, "attar[E054]: this term learns from a teacher; use distill");

 public:
  explicit TermLesson(const Term& term) : term_{term} {}

  double teach(const LessonStep& step) override {
    return term_.add(
        LossInputs<float>{.student = step.logits, .labels = step.batch.labels(), .progress = step.progress},
        step.logits_gradient);
  }
  [[nodiscard]] std::string description() const override { return type_checksum<TermLesson>(); }

 private:
  Term term_;
};

}  // namespace attar
