// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <vector>

#include <attar/data/dataset.hpp>
#include <attar/distill/check.hpp>
#include <attar/distill/lesson.hpp>
#include <attar/distill/objective.hpp>
#include <attar/distill/teacher_forward.hpp>
#include <attar/distill/teachers.hpp>
#include <attar/model/network.hpp>
#include <attar/train/trainer.hpp>

namespace attar {

namespace detail {

/// No teachers, for objectives that need none.
class NoTeachers final : public KnowledgeSource {
 public:
  std::span<const TeacherAnswer> ask(const Batch& /*batch*/) override { return {}; }
  [[nodiscard]] std::string description() const override { return {}; }
};

template <class Objective, class Student, class... Named>
consteval bool check_distillation() {
  constexpr bool teachers = (CheckTeacher<Student, architecture_of<Named>>::passed && ...);
  constexpr bool count = CheckCount<Objective, sizeof...(Named)>::passed;
  bool taps = true;
  Objective::for_each_feature_term(
      [&]<class Term>(std::type_identity<Term>) { taps = (CheckTaps<Term, Student, Named>::passed && ... && taps); });
  return teachers && count && taps;
}

template <class A>
std::vector<Shape> shapes_at(std::span<const std::string_view> taps) {
  std::vector<Shape> shapes;
  for (const std::string_view where : taps) shapes.push_back(A::program.shape(tapped_value(A::program, where)));
  return shapes;
}

}  // namespace detail

/// Teaches `student` with `objective`: from the data's labels, and from what the teachers say and see (Hinton et al.
/// 2015; the other terms name their sources). Teachers see the same augmented images as the student, in inference form
/// and in the trainer's precision or their own (`in`); where no term of weight above zero needs them, they are never
/// run. `constraint` holds in training what `Trainer::fit` says. Errors and return value are those of `Trainer::fit`.
///
///     distill(student, teachers(teacher), data.train, Objective{}, trainer);
template <class A, class... Named, class Objective, class TrainerType, class Constraint = NoConstraint>
History distill(Network<A>& student, const Teachers<Named...>& teachers, const Dataset& data,
                const Objective& /*objective*/, const TrainerType& trainer, const Constraint& constraint = {}) {
  if constexpr (detail::check_distillation<Objective, A, Named...>()) {
    const int batch = trainer.options().batch_size;
    LessonContext context{.student = A::program,
                          .batch = static_cast<std::size_t>(batch),
                          .labels = data.labels(),
                          .seed = trainer.options().seed};
    if constexpr (Objective::needs_teacher) {
      using Storage = std::type_identity<typename TrainerType::Precision::Storage>;
      const std::vector<std::string_view> taps = detail::teacher_taps<Objective>();
      LiveTeachers source{typename TrainerType::Backend{}, Storage{}, teachers, batch, taps};
      context.teachers = sizeof...(Named);
      context.teacher_shapes = {detail::shapes_at<detail::architecture_of<Named>>(taps)...};
      DistillLesson<Objective> lesson{source, context};
      return trainer.fit(student, data, static_cast<Lesson&>(lesson), constraint);
    } else {
      detail::NoTeachers source;
      DistillLesson<Objective> lesson{source, context};
      return trainer.fit(student, data, static_cast<Lesson&>(lesson), constraint);
    }
  }
  return {};  // Not reached: a check has failed.
}

/// Distills through teacher assistants (Mirzadeh et al., "Improved knowledge distillation via teacher assistant", AAAI
/// 2020): each network learns from the one before it. The first is the teacher, the last the student. Returns the last
/// history.
///
///     distill_chain(data.train, Objective{}, trainer, teacher, assistant, student);
template <class Objective, class TrainerType, class TeacherA, class... Rest>
History distill_chain(const Dataset& data, const Objective& objective, const TrainerType& trainer,
                      const Network<TeacherA>& teacher, auto& next, Rest&... rest) {
  History history = distill(next, attar::teachers(teacher), data, objective, trainer);
  if constexpr (sizeof...(rest) > 0) return distill_chain(data, objective, trainer, next, rest...);
  return history;
}

}  // namespace attar
