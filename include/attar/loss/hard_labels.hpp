// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <span>

#include <attar/loss/log_softmax.hpp>
#include <attar/loss/objective.hpp>
#include <attar/loss/options.hpp>

namespace attar {

/// Cross-entropy between the labels and softmax(student): the mean over the batch of -sum_c q_c log p_c, where q is the
/// label, softened by `Smoothing` s to (1 - s) at the label plus s / classes everywhere. As PyTorch's
/// `cross_entropy(logits, labels, label_smoothing=s)`. Gradient: (p - q) / batch.
///
/// Options: `Weight` (default 1), `Smoothing` (default 0).
///
///     HardLabels<Weight<1, 10>, Smoothing<1, 10>>
template <class... Options>
struct HardLabels {
  static_assert(((detail::is_weight<Options> || detail::is_smoothing<Options>) && ...),
                "attar[E043]: the options of HardLabels are Weight and Smoothing");

  static constexpr double smoothing = detail::smoothing_of<Options...>();
  static constexpr bool needs_teacher = false;

  /// See `LossTerm`.
  template <class T>
  double add(const LossInputs<T>& inputs, std::span<T> gradient) const {
    if constexpr (!detail::has_weight<Options...>) {
      return 0.0;
    } else {
      const auto& [data, batch, classes] = inputs.student;
      detail::check_gradient(inputs.student, gradient);
      detail::check_labels(inputs.labels, batch, classes);
      const double share = detail::weight_at<Options...>(inputs.progress) / static_cast<double>(batch);
      const double floor = smoothing / static_cast<double>(classes);
      double loss = 0.0;
      for (std::size_t image = 0; image < batch; ++image) {
        const LogSoftmax student{inputs.student.row(image)};
        const auto label = static_cast<std::size_t>(inputs.labels[image]);
        T* out = gradient.data() + image * classes;
        for (std::size_t c = 0; c < classes; ++c) {
          const double target = c == label ? floor + (1.0 - smoothing) : floor;
          if (target > 0.0) loss -= target * student[c];
          out[c] += static_cast<T>(share * (student.probability(c) - target));
        }
      }
      return share * loss;
    }
  }
};

}  // namespace attar
