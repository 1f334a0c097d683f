// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <limits>
#include <span>
#include <vector>

#include <attar/core/rng.hpp>
#include <attar/distill/fusion.hpp>
#include <attar/loss/log_softmax.hpp>
#include <attar/loss/objective.hpp>

namespace attar {

/// The more probable a teacher takes an image's label to be, the more it counts (CA-MKD: Zhang, Chen and Wang,
/// "Confidence-aware multi-teacher knowledge distillation", ICASSP 2022): (1 - softmax_k(CE_k)) / (K - 1), with the
/// cross-entropy CE_k of the label under each of the K teachers. No weight is above 1 / (K - 1).
///
/// The published weights sum to one too, but the authors' program divides the sum of losses by K once more; this one
/// does not.
///
///     Distill<Fuse<ByConfidence>, SoftTargets<>, HardLabels<Weight<1, 10>>>
struct ByConfidence {
  class State final : public FusionState {
   public:
    State(std::size_t teachers, std::size_t /*classes*/, Seed /*seed*/) : losses_(teachers) {}

    /// Throws `Error` with `invalid_data` for a label that is no class.
    void weigh(const FusionInputs& inputs, std::span<double> weights) override {
      const auto& [data, batch, classes] = inputs.student;
      detail::check_labels(inputs.labels, batch, classes);
      for (std::size_t image = 0; image < batch; ++image) {
        const auto label = static_cast<std::size_t>(inputs.labels[image]);
        for (std::size_t k = 0; k < losses_.size(); ++k) {
          // Finite, so that teachers that rule the label out can be compared.
          losses_[k] = std::min(-LogSoftmax{inputs.teachers[k].row(image)}[label], std::numeric_limits<double>::max());
        }
        const LogSoftmax<double> parts{losses_};
        for (std::size_t k = 0; k < losses_.size(); ++k) {
          weights[k * batch + image] = detail::without_part(parts.probability(k), losses_.size());
        }
      }
    }

   private:
    std::vector<double> losses_;  ///< Of each teacher, for one image.
  };
};

}  // namespace attar
