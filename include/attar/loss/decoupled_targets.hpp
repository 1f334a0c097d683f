// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <limits>
#include <span>
#include <string>
#include <vector>

#include <attar/core/error.hpp>
#include <attar/loss/objective.hpp>
#include <attar/loss/options.hpp>
#include <attar/loss/standardized.hpp>

namespace attar {

/// The share of "the label or another class" within `DecoupledTargets`: the paper's alpha.
template <int Numerator, int Denominator = 1>
struct TargetWeight : Weight<Numerator, Denominator> {};

/// The share of "which of the other classes" within `DecoupledTargets`: the paper's beta.
template <int Numerator, int Denominator = 1>
struct OtherWeight : Weight<Numerator, Denominator> {};

namespace detail {

/// softmax(logits / divisor) of one row, split at the label into two distributions: the label against all others
/// together, and each of the others among them. By logarithms, so that nothing cancels however sure the label is.
/// A view: the row must outlive it. NaN or +infinity among the logits makes values NaN.
template <std::floating_point T>
class SplitSoftmax {
 public:
  SplitSoftmax(std::span<const T> logits, std::size_t label, double divisor) : logits_{logits}, scale_{1.0 / divisor} {
    for (std::size_t c = 0; c < logits.size(); ++c) {
      if (c != label) shift_ = std::max(shift_, static_cast<double>(logits[c]));
    }
    double sum = 0.0;
    for (std::size_t c = 0; c < logits.size(); ++c) {
      if (c != label) sum += std::exp((static_cast<double>(logits[c]) - shift_) * scale_);
    }
    log_sum_ = std::log(sum);
    const double target = logits[label];
    // Both less the larger: an infinite target becomes NaN, as anywhere in a softmax.
    const double larger = std::max(target, shift_);
    const double lead = ((target - larger) - (shift_ - larger)) * scale_ - log_sum_;
    log_target_ = -softplus(-lead);
    log_others_ = -softplus(lead);
  }

  /// The logarithm of the label's probability.
  [[nodiscard]] double log_target() const noexcept { return log_target_; }
  /// The logarithm of all other classes' probability.
  [[nodiscard]] double log_others() const noexcept { return log_others_; }
  /// The logarithm of a class's probability among the others.
  [[nodiscard]] double log_other(std::size_t label) const {
    return (static_cast<double>(logits_[label]) - shift_) * scale_ - log_sum_;
  }

 private:
  /// log(1 + exp(x)).
  static double softplus(double x) { return std::max(x, 0.0) + std::log1p(std::exp(-std::abs(x))); }

  std::span<const T> logits_;
  double scale_;
  double shift_ = -std::numeric_limits<double>::infinity();
  double log_sum_ = 0.0;
  double log_target_ = 0.0;
  double log_others_ = 0.0;
};

/// What an outcome adds to KL(teacher || student), from the logarithms of its probabilities. One that the teacher rules
/// out adds nothing: the limit of p log p.
inline double divergence(double log_teacher, double log_student) {
  const double probability = std::exp(log_teacher);
  return probability == 0.0 ? 0.0 : probability * (log_teacher - log_student);
}

}  // namespace detail

/// Decoupled knowledge distillation, DKD (Zhao et al., "Decoupled knowledge distillation", CVPR 2022). The divergence
/// of `SoftTargets` is KL(bt || bs) + (1 - pt[label]) * KL(qt || qs), with b the probabilities of the label and of all
/// other classes together, and q the other classes' among themselves. The factor silences a sure teacher's knowledge of
/// the other classes; here a weight stands in its place:
///
///     T^2 * (alpha * KL(bt || bs) + beta * KL(qt || qs)), the mean over the batch
///
/// Options: `TargetWeight` alpha (default 1) and `OtherWeight` beta (default 8), the defaults of the authors' code;
/// they tune beta for each pair of networks, from 0.5 (ImageNet) to 8. `Temperature` (default 4), `Weight` of it all
/// (default 1), `Standardized`. Beside `HardLabels` at 1.
///
///     DecoupledTargets<OtherWeight<2>, Temperature<4>>
template <class... Options>
struct DecoupledTargets {
  static_assert(((detail::is_kind<TargetWeight, Options> || detail::is_kind<OtherWeight, Options> ||
                  detail::is_weight<Options> || detail::is_temperature<Options> || detail::is_standardized<Options>) &&
                 ...),
                "attar[E046]: the options of DecoupledTargets are TargetWeight, OtherWeight, Temperature, Weight and "
                "Standardized");

  static constexpr bool needs_teacher = detail::has_weight<Options...>;
  static constexpr double temperature(double progress) { return detail::temperature_at<Options...>(4.0, progress); }

  /// See `LossTerm`. Throws `Error{invalid_argument}` also where there is no other class than the label.
  template <class T>
  double add(const LossInputs<T>& inputs, std::span<T> gradient) const {
    if constexpr (!needs_teacher) {
      return 0.0;
    } else {
      using Softening = detail::Softening<T, (detail::is_standardized<Options> || ...)>;
      constexpr double alpha = detail::value_at<TargetWeight, Options...>(1.0, 0.0);
      constexpr double beta = detail::value_at<OtherWeight, Options...>(8.0, 0.0);
      const auto& [data, batch, classes] = inputs.student;
      detail::check_gradient(inputs.student, gradient);
      detail::check_labels(inputs.labels, batch, classes);
      if (classes < 2) raise(Error{ErrorCode::invalid_argument, "logits", "at least two classes", "1"});
      const LogitsView<T>& teachers = detail::single_teacher(inputs);
      const double t = temperature(inputs.progress);
      const double share = detail::weight_at<Options...>(inputs.progress) * t / static_cast<double>(batch);
      std::vector<double> row(classes);  // The gradient of one image.
      double loss = 0.0;
      for (std::size_t image = 0; image < batch; ++image) {
        const auto label = static_cast<std::size_t>(inputs.labels[image]);
        const Softening softening{inputs.student.row(image), t};
        const detail::SplitSoftmax student{inputs.student.row(image), label, softening.divisor()};
        const detail::SplitSoftmax teacher{teachers.row(image), label, Softening{teachers.row(image), t}.divisor()};
        const double image_share = share * inputs.image_weight(image);

        const double target = detail::divergence(teacher.log_target(), student.log_target()) +
                              detail::divergence(teacher.log_others(), student.log_others());
        const double pull = alpha * (std::exp(student.log_target()) - std::exp(teacher.log_target()));
        double others = 0.0;
        for (std::size_t c = 0; c < classes; ++c) {
          if (c == label) continue;
          others += detail::divergence(teacher.log_other(c), student.log_other(c));
          const double own = std::exp(student.log_other(c));
          row[c] = image_share * (beta * (own - std::exp(teacher.log_other(c))) - pull * own);
        }
        row[label] = image_share * pull;

        softening.back(row);
        T* out = gradient.data() + image * classes;
        for (std::size_t c = 0; c < classes; ++c) out[c] += static_cast<T>(row[c]);
        loss += image_share * t * (alpha * target + beta * others);
      }
      return loss;
    }
  }
};

}  // namespace attar
