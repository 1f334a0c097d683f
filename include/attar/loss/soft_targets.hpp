// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <span>

#include <attar/loss/log_softmax.hpp>
#include <attar/loss/objective.hpp>
#include <attar/loss/options.hpp>

namespace attar {

/// Knowledge distillation from a teacher's softened outputs (Hinton, Vinyals and Dean, "Distilling the knowledge in a
/// neural network", 2015): T^2 * KL(pt || ps), summed over classes, the mean over the batch, with
/// p = softmax(logits / T). T^2 keeps the gradient's size, T * (ps - pt) / batch, about the same at every temperature.
///
/// Options: `Temperature` (default 4), `Weight` (default 1). Usually beside `HardLabels`, at 0.9 and 0.1.
///
///     SoftTargets<Temperature<4>, Weight<9, 10>>
template <class... Options>
struct SoftTargets {
  static_assert(((detail::is_weight<Options> || detail::is_temperature<Options>) && ...),
                "attar[E044]: the options of SoftTargets are Temperature and Weight");

  static constexpr double weight = detail::weight_of<Options...>();
  static constexpr double temperature = detail::temperature_of<Options...>(4.0);
  static constexpr bool needs_teacher = weight > 0.0;

  /// See `LossTerm`.
  template <class T>
  double add(const LossInputs<T>& inputs, std::span<T> gradient) const {
    if constexpr (weight == 0.0) {
      return 0.0;
    } else {
      const auto& [data, batch, classes] = inputs.student;
      detail::check_gradient(inputs.student, gradient);
      const LogitsView<T>& teachers = detail::single_teacher(inputs);
      const double share = weight * temperature / static_cast<double>(batch);
      double divergence = 0.0;
      for (std::size_t image = 0; image < batch; ++image) {
        const LogSoftmax student{inputs.student.row(image), temperature};
        const LogSoftmax teacher{teachers.row(image), temperature};
        T* out = gradient.data() + image * classes;
        for (std::size_t c = 0; c < classes; ++c) {
          const double target = teacher.probability(c);
          // A class that the teacher rules out (logit -infinity) adds nothing: the limit of p log p.
          if (target != 0.0) divergence += target * (teacher[c] - student[c]);
          out[c] += static_cast<T>(share * (student.probability(c) - target));
        }
      }
      return share * temperature * divergence;
    }
  }
};

}  // namespace attar
