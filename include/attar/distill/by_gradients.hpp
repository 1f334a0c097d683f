// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include <attar/core/error.hpp>
#include <attar/core/rng.hpp>
#include <attar/detail/whole_range.hpp>
#include <attar/distill/fusion.hpp>
#include <attar/distill/smallest_norm.hpp>
#include <attar/loss/log_softmax.hpp>
#include <attar/loss/objective.hpp>
#include <attar/loss/options.hpp>

namespace attar {

/// The direction that all teachers agree on most (AEKD: Du et al., "Agree to disagree: adaptive ensemble knowledge
/// distillation in gradient space", NeurIPS 2020): one weight per teacher for the whole batch, those whose combination
/// of the teachers' gradients of softened KL with respect to the student's logits, p_s - p_k at temperature 4 over all
/// images of the batch, has the smallest norm. `Most` is the largest weight that one teacher may have (the paper's
/// tolerance C, default 0.6), from 1 / K, which makes all equal, to 1.
///
/// The published weights sum to one, as these. The authors' program takes the mean of the gradients over the batch
/// first; this one does not, so teachers that contradict each other on single images do not cancel out.
///
///     Distill<Fuse<ByGradients<>>, SoftTargets<>, HardLabels<Weight<1, 10>>>
template <class Most = Weight<6, 10>>
struct ByGradients {
  static_assert(detail::can_be_shares<Most>(),
                "attar[E067]: ByGradients takes the largest weight of a teacher, such as Weight<6, 10>");

  class State final : public FusionState {
   public:
    /// Throws `Error` with `invalid_argument` where weights of at most `Most` cannot sum to one.
    State(std::size_t teachers, std::size_t classes, Seed /*seed*/)
        : teachers_{teachers},
          student_(classes),
          gradients_(teachers * classes),
          gram_(teachers * teachers),
          solver_{teachers},
          solution_(teachers) {
      if (static_cast<double>(teachers) * Most::value < 1 - 1e-12) {
        raise(Error{ErrorCode::invalid_argument, "ByGradients",
                    "a largest weight of at least 1/" + std::to_string(teachers) + ", one over the number of teachers",
                    std::to_string(Most::value)});
      }
    }

    void weigh(const FusionInputs& inputs, std::span<double> weights) override {
      const std::size_t batch = inputs.student.batch;
      detail::fill(gram_, 0.0);
      for (std::size_t image = 0; image < batch; ++image) add_image(inputs, image);
      solver_.solve(gram_, Most::value, solution_);
      for (std::size_t k = 0; k < teachers_; ++k) {
        detail::fill(weights.subspan(k * batch, batch), solution_[k]);
      }
    }

   private:
    static constexpr double temperature = 4;

    /// Adds an image to the inner products of the teachers' gradients.
    void add_image(const FusionInputs& inputs, std::size_t image) {
      const std::size_t classes = student_.size();
      const LogSoftmax student{inputs.student.row(image), temperature};
      for (std::size_t c = 0; c < classes; ++c) student_[c] = student.probability(c);
      for (std::size_t k = 0; k < teachers_; ++k) {
        const LogSoftmax teacher{inputs.teachers[k].row(image), temperature};
        for (std::size_t c = 0; c < classes; ++c) gradients_[k * classes + c] = student_[c] - teacher.probability(c);
      }
      for (std::size_t i = 0; i < teachers_; ++i) {
        for (std::size_t j = 0; j < teachers_; ++j) {
          for (std::size_t c = 0; c < classes; ++c) {
            gram_[i * teachers_ + j] += gradients_[i * classes + c] * gradients_[j * classes + c];
          }
        }
      }
    }

    std::size_t teachers_;
    std::vector<double> student_;    ///< The student's probabilities, for one image.
    std::vector<double> gradients_;  ///< Teachers x classes, for one image.
    std::vector<double> gram_;       ///< The inner products of the teachers' gradients over the batch.
    detail::SmallestNorm solver_;
    std::vector<double> solution_;
  };
};

}  // namespace attar
