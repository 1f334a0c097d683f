// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
#include <vector>

#include <attar/core/rng.hpp>
#include <attar/detail/whole_range.hpp>
#include <attar/distill/fusion.hpp>
#include <attar/loss/log_softmax.hpp>
#include <attar/loss/objective.hpp>

namespace attar {

/// Learns what each of the K teachers counts for an image from all that they say about it: w = softmax(A p + b), with
/// the teachers' probabilities p one after the other. The gate's own loss is the cross-entropy of the label under the
/// mixture, -log sum_k w_k p_k[label], the mean over the batch; it is trained beside the student, with the student's
/// optimizer, from zero on: all teachers count alike at first. The weights sum to one by themselves.
///
/// A relative of AMTML-KD (Liu, Zhang and Wang, "Adaptive multi-teacher multi-level knowledge distillation",
/// Neurocomputing 2020, arXiv:2103.04062), whose softmax gate reads the student's features, through a learned vector
/// per teacher, and learns from the student's loss in a phase of its own. This gate never looks at the student.
///
///     Distill<Fuse<ByGate>, SoftTargets<>, HardLabels<Weight<1, 10>>>
struct ByGate {
  class State final : public FusionState {
   public:
    State(std::size_t teachers, std::size_t classes, Seed /*seed*/)
        : teachers_{teachers},
          inputs_{teachers * classes},
          parameters_(teachers * (inputs_ + 1)),
          gradients_(parameters_.size()),
          sums_(parameters_.size()),
          said_(inputs_),
          scores_(teachers),
          joint_(teachers) {}

    /// Throws `Error` with `invalid_data` for a label that is no class.
    void weigh(const FusionInputs& inputs, std::span<double> weights) override {
      const auto& [data, batch, classes] = inputs.student;
      detail::check_labels(inputs.labels, batch, classes);
      detail::fill(sums_, 0.0);
      for (std::size_t image = 0; image < batch; ++image) {
        const auto label = static_cast<std::size_t>(inputs.labels[image]);
        for (std::size_t k = 0; k < teachers_; ++k) {
          const LogSoftmax row{inputs.teachers[k].row(image)};
          for (std::size_t c = 0; c < classes; ++c) said_[k * classes + c] = row.probability(c);
          joint_[k] = std::max(row[label], ruled_out);
        }
        for (std::size_t k = 0; k < teachers_; ++k) scores_[k] = score(k);
        const LogSoftmax<double> gate{scores_};
        for (std::size_t k = 0; k < teachers_; ++k) {
          weights[k * batch + image] = gate.probability(k);
          joint_[k] += gate[k];
        }
        add_gradient(gate, LogSoftmax<double>{joint_});
      }
      detail::transform(sums_, gradients_.begin(),
                        [&](double sum) { return static_cast<float>(sum / static_cast<double>(batch)); });
    }

    /// A row of numbers for each teacher, one for each of the teachers' probabilities; then a bias for each teacher.
    [[nodiscard]] std::span<float> parameters() override { return parameters_; }
    [[nodiscard]] std::span<const float> gradients() const override { return gradients_; }

   private:
    /// The logarithm of a label's probability under a teacher that rules it out: so low that it does not count, yet
    /// finite, so that a label that all teachers rule out teaches nothing instead of NaN.
    static constexpr double ruled_out = -1000;

    [[nodiscard]] double score(std::size_t k) const {
      double sum = static_cast<double>(parameters_[teachers_ * inputs_ + k]);
      for (std::size_t i = 0; i < inputs_; ++i) sum += static_cast<double>(parameters_[k * inputs_ + i]) * said_[i];
      return sum;
    }

    /// Of one image: a score's gradient is the teacher's weight before its label is known, less that after it.
    void add_gradient(const LogSoftmax<double>& before, const LogSoftmax<double>& after) {
      for (std::size_t k = 0; k < teachers_; ++k) {
        const double slope = before.probability(k) - after.probability(k);
        for (std::size_t i = 0; i < inputs_; ++i) sums_[k * inputs_ + i] += slope * said_[i];
        sums_[teachers_ * inputs_ + k] += slope;
      }
    }

    std::size_t teachers_, inputs_;
    std::vector<float> parameters_, gradients_;
    std::vector<double> sums_;    ///< The gradient, over the batch.
    std::vector<double> said_;    ///< All teachers' probabilities for one image.
    std::vector<double> scores_;  ///< Of each teacher, for one image.
    std::vector<double> joint_;   ///< The logarithm of each teacher's part in the label's probability.
  };
};

}  // namespace attar
