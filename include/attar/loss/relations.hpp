// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <cstddef>
#include <span>
#include <vector>

#include <attar/loss/log_softmax.hpp>
#include <attar/loss/objective.hpp>
#include <attar/loss/options.hpp>

namespace attar {

/// The share of the relations of classes to each other within `Relations`: the paper's beta.
template <int Numerator, int Denominator = 1>
struct InterWeight : Weight<Numerator, Denominator> {};

/// The share of the relations of images to each other, class by class, within `Relations`: the paper's gamma.
template <int Numerator, int Denominator = 1>
struct IntraWeight : Weight<Numerator, Denominator> {};

namespace detail {

/// A row or a column of a matrix: `count` numbers from `first` on, `stride` apart.
struct Line {
  std::size_t first;
  std::size_t stride;
  std::size_t count;
  [[nodiscard]] constexpr std::size_t operator[](std::size_t i) const noexcept { return first + i * stride; }
};

/// The mean of a line, taken from the first: equal numbers deviate from it by exactly 0.
inline double mean_of(std::span<const double> numbers, const Line& line) {
  const double first = numbers[line[0]];
  double sum = 0.0;
  for (std::size_t i = 0; i < line.count; ++i) sum += numbers[line[i]] - first;
  return first + sum / static_cast<double>(line.count);
}

/// Adds `share` times the gradient of 1 - Pearson's correlation with respect to the student's numbers to `gradient` and
/// returns 1 - correlation. Numbers that are all equal correlate with nothing: 1, without a gradient.
inline double add_distance(std::span<const double> student, std::span<const double> teacher, const Line& line,
                           double share, std::span<double> gradient) {
  const double student_mean = mean_of(student, line);
  const double teacher_mean = mean_of(teacher, line);
  double ss = 0.0;
  double tt = 0.0;
  double st = 0.0;
  for (std::size_t i = 0; i < line.count; ++i) {
    const double s = student[line[i]] - student_mean;
    const double t = teacher[line[i]] - teacher_mean;
    ss += s * s;
    tt += t * t;
    st += s * t;
  }
  if (ss == 0.0 || tt == 0.0) return 1.0;
  const double norms = std::sqrt(ss) * std::sqrt(tt);
  for (std::size_t i = 0; i < line.count; ++i) {
    const double s = student[line[i]] - student_mean;
    const double t = teacher[line[i]] - teacher_mean;
    gradient[line[i]] += share * (st / ss * s - t) / norms;
  }
  return 1.0 - st / norms;
}

}  // namespace detail

/// Relations of outputs instead of outputs, DIST (Huang et al., "Knowledge distillation from a stronger teacher",
/// NeurIPS 2022). With p = softmax(logits / T), student's and teacher's probabilities need only be linear functions of
/// each other:
///
///     beta * (1 - Pearson(ps, pt) over the classes, the mean over the images)
///         + gamma * (1 - Pearson(ps, pt) over the images of the batch, the mean over the classes)
///
/// There is no factor T^2: correlations do not shrink as probabilities even out, so the gradient's size is about the
/// same at every temperature without it. The paper has none either; the authors' code has one, which is a `Weight`.
///
/// Where teachers count differently for each image, the first part follows that; the second, which compares images with
/// each other, takes the mean over the batch.
///
/// Options: `InterWeight` beta and `IntraWeight` gamma (default 1 each), `Temperature` (default 1), the defaults of the
/// authors' code; `Weight` of it all (default 1). Beside `HardLabels` at 1. It wants batches much larger than one.
///
///     Relations<InterWeight<2>, IntraWeight<2>, Temperature<4>>
template <class... Options>
struct Relations {
  static_assert(((detail::is_kind<InterWeight, Options> || detail::is_kind<IntraWeight, Options> ||
                  detail::is_weight<Options> || detail::is_temperature<Options>) &&
                 ...),
                "attar[E047]: the options of Relations are InterWeight, IntraWeight, Temperature and Weight");

  static constexpr bool needs_teacher = detail::has_weight<Options...>;
  static constexpr double temperature(double progress) { return detail::temperature_at<Options...>(1.0, progress); }

  /// See `LossTerm`.
  template <class T>
  double add(const LossInputs<T>& inputs, std::span<T> gradient) const {
    if constexpr (!needs_teacher) {
      return 0.0;
    } else {
      const auto& [data, batch, classes] = inputs.student;
      detail::check_gradient(inputs.student, gradient);
      const double t = temperature(inputs.progress);
      const std::vector<double> student = probabilities(inputs.student, t);
      const std::vector<double> teacher = probabilities(detail::single_teacher(inputs), t);
      const double weight = detail::weight_at<Options...>(inputs.progress);
      const double inter = weight * detail::value_at<InterWeight, Options...>(1.0, 0.0) / static_cast<double>(batch);
      const double intra = weight * detail::value_at<IntraWeight, Options...>(1.0, 0.0) / static_cast<double>(classes);

      std::vector<double> slopes(student.size());  // The gradient with respect to the probabilities.
      double loss = 0.0;
      double mean_weight = 0.0;
      for (std::size_t image = 0; image < batch; ++image) {
        const double share = inter * inputs.image_weight(image);
        loss += share * detail::add_distance(student, teacher, {image * classes, 1, classes}, share, slopes);
        mean_weight += inputs.image_weight(image) / static_cast<double>(batch);
      }
      for (std::size_t c = 0; c < classes; ++c) {
        const double share = intra * mean_weight;
        loss += share * detail::add_distance(student, teacher, {c, classes, batch}, share, slopes);
      }

      for (std::size_t image = 0; image < batch; ++image) {
        double mean = 0.0;
        for (std::size_t i = image * classes; i < (image + 1) * classes; ++i) mean += student[i] * slopes[i];
        for (std::size_t i = image * classes; i < (image + 1) * classes; ++i) {
          gradient[i] += static_cast<T>(student[i] * (slopes[i] - mean) / t);
        }
      }
      return loss;
    }
  }

 private:
  template <class T>
  static std::vector<double> probabilities(const LogitsView<T>& logits, double t) {
    std::vector<double> result;
    result.reserve(logits.size());
    for (std::size_t image = 0; image < logits.batch; ++image) {
      const LogSoftmax row{logits.row(image), t};
      for (std::size_t c = 0; c < logits.classes; ++c) result.push_back(row.probability(c));
    }
    return result;
  }
};

}  // namespace attar
