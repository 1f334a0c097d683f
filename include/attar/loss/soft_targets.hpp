// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include <attar/loss/log_softmax.hpp>
#include <attar/loss/objective.hpp>
#include <attar/loss/options.hpp>
#include <attar/loss/standardized.hpp>

namespace attar {

/// Knowledge distillation from a teacher's softened outputs (Hinton, Vinyals and Dean, "Distilling the knowledge in a
/// neural network", 2015): T^2 * KL(pt || ps), summed over classes, the mean over the batch, with
/// p = softmax(logits / T). T^2 keeps the gradient's size, T * (ps - pt) / batch, about the same at every temperature.
///
/// Options: `Temperature` (default 4), `Weight` (default 1), `Standardized`. Usually beside `HardLabels`, at 0.9 and
/// 0.1.
///
///     SoftTargets<Temperature<4>, Weight<9, 10>>
template <class... Options>
struct SoftTargets {
  static_assert(((detail::is_weight<Options> || detail::is_temperature<Options> || detail::is_standardized<Options>) &&
                 ...),
                "attar[E044]: the options of SoftTargets are Temperature, Weight and Standardized");

  static constexpr bool needs_teacher = detail::has_weight<Options...>;
  static constexpr double temperature(double progress) { return detail::temperature_at<Options...>(4.0, progress); }

  /// See `LossTerm`.
  template <class T>
  double add(const LossInputs<T>& inputs, std::span<T> gradient) const {
    if constexpr (!needs_teacher) {
      return 0.0;
    } else {
      using Softening = detail::Softening<T, (detail::is_standardized<Options> || ...)>;
      const auto& [data, batch, classes] = inputs.student;
      detail::check_gradient(inputs.student, gradient);
      const LogitsView<T>& teachers = detail::single_teacher(inputs);
      const double t = temperature(inputs.progress);
      const double share = detail::weight_at<Options...>(inputs.progress) * t / static_cast<double>(batch);
      std::vector<double> row(classes);  // The gradient of one image.
      double loss = 0.0;
      for (std::size_t image = 0; image < batch; ++image) {
        const Softening softening{inputs.student.row(image), t};
        const LogSoftmax student{inputs.student.row(image), softening.divisor()};
        const LogSoftmax teacher{teachers.row(image), Softening{teachers.row(image), t}.divisor()};
        const double image_share = share * inputs.image_weight(image);
        double divergence = 0.0;
        for (std::size_t c = 0; c < classes; ++c) {
          const double target = teacher.probability(c);
          // A class that the teacher rules out (logit -infinity) adds nothing: the limit of p log p.
          if (target != 0.0) divergence += target * (teacher[c] - student[c]);
          row[c] = image_share * (student.probability(c) - target);
        }
        softening.back(row);
        T* out = gradient.data() + image * classes;
        for (std::size_t c = 0; c < classes; ++c) out[c] += static_cast<T>(row[c]);
        loss += image_share * t * divergence;
      }
      return loss;
    }
  }
};

}  // namespace attar
