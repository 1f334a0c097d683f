// SPDX-License-Identifier: MIT
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include <attar/core/error.hpp>

namespace attar {

/// The outputs of a network for a batch, before any softmax: `batch` rows of `classes` numbers. It owns nothing.
template <std::floating_point T>
struct LogitsView {
  const T* data = nullptr;
  std::size_t batch = 0;
  std::size_t classes = 0;

  [[nodiscard]] constexpr std::size_t size() const noexcept { return batch * classes; }
  [[nodiscard]] constexpr std::span<const T> row(std::size_t image) const noexcept {
    return {data + image * classes, classes};
  }
};

/// What an output term may look at: the student's logits, the label of each image, and the logits of the teacher, of
/// the student's batch and classes. `teachers` is empty where the objective needs none. Several teachers are taken one
/// by one, or fused into one, before a term sees them.
template <std::floating_point T>
struct LossInputs {
  LogitsView<T> student;
  std::span<const std::int32_t> labels;
  std::span<const LogitsView<T>> teachers = {};
  std::span<const double> image_weights = {};  ///< What this teacher counts for each image; empty: 1 for all.
  double progress = 0;                         ///< The share of all training steps that is done, 0 to 1.

  [[nodiscard]] double image_weight(std::size_t image) const noexcept {
    return image_weights.empty() ? 1.0 : image_weights[image];
  }
};

/// A term of an objective, and an objective too, for a sum of terms answers to the same interface:
///
/// - `needs_teacher`, known at compile time: whether `inputs.teachers` is read. False where the weight is always zero.
/// - `temperature(progress)`, where the term softens logits: at what temperature teachers are to be fused for it.
/// - `add(inputs, gradient)`: adds the gradient of the weighted loss with respect to the student's logits to `gradient`
///   (as many numbers as the student's logits) and returns the weighted loss, the mean over the batch. NaN or infinity
///   in what the term reads makes the returned loss NaN or infinite, so one `std::isfinite` on the sum sees all of it.
///
/// Rows are computed in double whatever T is, so float logits lose no digits. Throws `Error`: `invalid_argument` where
/// sizes disagree, `invalid_data` for a label outside of [0, classes).
template <class Term>
concept LossTerm = requires(const Term& term, const LossInputs<float>& inputs, std::span<float> gradient,
                            const LossInputs<double>& exact_inputs, std::span<double> exact_gradient) {
  { Term::needs_teacher } -> std::convertible_to<bool>;
  { term.add(inputs, gradient) } -> std::same_as<double>;
  { term.add(exact_inputs, exact_gradient) } -> std::same_as<double>;
};

namespace detail {

/// Throws unless `gradient` fits the student's logits and there is a batch to average over.
template <class T>
void check_gradient(const LogitsView<T>& student, std::span<T> gradient) {
  if (student.batch == 0 || student.classes == 0) {
    raise(Error{ErrorCode::invalid_argument, "logits", "at least one image and one class",
                std::to_string(student.batch) + " x " + std::to_string(student.classes)});
  }
  if (gradient.size() != student.size()) {
    raise(Error{ErrorCode::invalid_argument, "gradient of the logits", std::to_string(student.size()) + " numbers",
                std::to_string(gradient.size())});
  }
}

/// Throws unless there is one label per image, each a class.
inline void check_labels(std::span<const std::int32_t> labels, std::size_t batch, std::size_t classes) {
  if (labels.size() != batch) {
    raise(Error{ErrorCode::invalid_argument, "labels", std::to_string(batch) + ", one per image",
                std::to_string(labels.size())});
  }
  for (const std::int32_t label : labels) {
    if (label < 0 || static_cast<std::size_t>(label) >= classes) {
      raise(Error{ErrorCode::invalid_data, "label", "a class in [0, " + std::to_string(classes) + ")",
                  std::to_string(label)});
    }
  }
}

/// The logits of the one teacher that a term looks at. Throws unless there is exactly one, of the student's size.
template <class T>
const LogitsView<T>& single_teacher(const LossInputs<T>& inputs) {
  if (inputs.teachers.size() != 1) {
    raise(Error{ErrorCode::invalid_argument, "teachers", "one (several have to be fused into one first)",
                std::to_string(inputs.teachers.size())});
  }
  const LogitsView<T>& teacher = inputs.teachers.front();
  if (teacher.batch != inputs.student.batch || teacher.classes != inputs.student.classes) {
    raise(Error{
        ErrorCode::invalid_argument, "teacher's logits",
        std::to_string(inputs.student.batch) + " x " + std::to_string(inputs.student.classes) + ", as the student's",
        std::to_string(teacher.batch) + " x " + std::to_string(teacher.classes)});
  }
  return teacher;
}

}  // namespace detail
}  // namespace attar
