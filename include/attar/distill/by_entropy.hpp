// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <span>

#include <attar/core/rng.hpp>
#include <attar/distill/fusion.hpp>
#include <attar/loss/log_softmax.hpp>
#include <attar/loss/objective.hpp>

namespace attar {

/// The surer a teacher is of an image, the more it counts (Kwon et al., "Adaptive knowledge distillation based on
/// entropy", ICASSP 2020): (1 - H_k / sum_j H_j) / (K - 1), with the entropies H of the K teachers' softmax. No labels
/// are needed, so a teacher that is sure of something wrong counts as well. Teachers of no entropy at all count alike.
///
/// The usual form, 1 - H_k / sum_j H_j, sums to K - 1, and the loss is then divided by K; these weights sum to one.
///
///     Distill<Fuse<ByEntropy>, SoftTargets<>, HardLabels<Weight<1, 10>>>
struct ByEntropy {
  class State final : public FusionState {
   public:
    State(std::size_t /*teachers*/, std::size_t /*classes*/, Seed /*seed*/) {}

    void weigh(const FusionInputs& inputs, std::span<double> weights) override {
      const std::size_t teachers = inputs.teachers.size();
      const std::size_t batch = inputs.student.batch;
      for (std::size_t image = 0; image < batch; ++image) {
        double sum = 0;
        for (std::size_t k = 0; k < teachers; ++k) {
          sum += weights[k * batch + image] = entropy(inputs.teachers[k].row(image));
        }
        for (std::size_t k = 0; k < teachers; ++k) {
          double& weight = weights[k * batch + image];
          weight = detail::without_part(sum == 0 ? 1.0 / static_cast<double>(teachers) : weight / sum, teachers);
        }
      }
    }

   private:
    static double entropy(std::span<const float> logits) {
      const LogSoftmax row{logits};
      double sum = 0;
      for (std::size_t c = 0; c < logits.size(); ++c) {
        const double p = row.probability(c);
        if (p != 0) sum -= p * row[c];  // The limit of p log p is 0.
      }
      return sum;
    }
  };
};

}  // namespace attar
