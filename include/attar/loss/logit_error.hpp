// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <span>

#include <attar/loss/objective.hpp>
#include <attar/loss/options.hpp>

namespace attar {

/// The mean squared difference of student's and teacher's logits, over classes and batch, as PyTorch's `mse_loss`.
/// Matching logits is from Ba and Caruana, "Do deep nets really need to be deep?", NeurIPS 2014, who take half the sum
/// over classes: `Weight<classes, 2>`. Where the logits of each image have the same mean, half of it is what
/// `SoftTargets` tends to at high temperatures. Gradient: 2 * (zs - zt) / (batch * classes).
///
/// Options: `Weight` (default 1).
///
///     LogitError<Weight<1, 10>>
template <class... Options>
struct LogitError {
  static_assert((detail::is_weight<Options> && ...), "attar[E048]: the only option of LogitError is Weight");

  static constexpr bool needs_teacher = detail::has_weight<Options...>;

  /// See `LossTerm`.
  template <class T>
  double add(const LossInputs<T>& inputs, std::span<T> gradient) const {
    if constexpr (!needs_teacher) {
      return 0.0;
    } else {
      const auto& [data, batch, classes] = inputs.student;
      detail::check_gradient(inputs.student, gradient);
      const LogitsView<T>& teachers = detail::single_teacher(inputs);
      const double share = detail::weight_at<Options...>(inputs.progress) / static_cast<double>(batch * classes);
      double loss = 0.0;
      for (std::size_t image = 0; image < batch; ++image) {
        const double image_share = share * inputs.image_weight(image);
        double squares = 0.0;
        for (std::size_t i = image * classes; i < (image + 1) * classes; ++i) {
          const double difference = static_cast<double>(data[i]) - static_cast<double>(teachers.data[i]);
          squares += difference * difference;
          gradient[i] += static_cast<T>(2.0 * image_share * difference);
        }
        loss += image_share * squares;
      }
      return loss;
    }
  }
};

}  // namespace attar
