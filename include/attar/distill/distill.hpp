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
#include <attar/model/sparse.hpp>
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

/// What a lesson for `student` needs to know, the teachers aside.
template <class TrainerType>
LessonContext lesson_context(const Program& student, const Dataset& data, const TrainerType& trainer) {
  return {.student = student,
          .batch = static_cast<std::size_t>(trainer.options().batch_size),
          .labels = data.labels(),
          .seed = trainer.options().seed};
}

/// Trains `student` with the lesson of an objective.
template <class Objective, TrainableNetwork Student, class TrainerType, class Constraint>
History learn(Student& student, KnowledgeSource& source, const LessonContext& context, const Dataset& data,
              const TrainerType& trainer, Constraint& constraint) {
  DistillLesson<Objective> lesson{source, context};
  return trainer.fit(student, data, lesson, constraint);
}

}  // namespace detail

/// Teaches `student` with `objective`: from the data's labels, and from what the teachers say and see (Hinton et al.
/// 2015; the other terms name their sources). Teachers see the same augmented images as the student, in inference form
/// and in the trainer's precision or their own (`in`); where no term of weight above zero needs them, they are never
/// run. `student` is a `Network` or a `NarrowedNetwork`. `constraint` holds in training what `Trainer::fit` says.
/// Errors and return value are those of `Trainer::fit`.
///
///     distill(student, teachers(teacher), data.train, Objective{}, trainer);
template <TrainableNetwork Student, class... Named, class Objective, class TrainerType, class Constraint = NoConstraint>
History distill(Student& student, const Teachers<Named...>& teachers, const Dataset& data,
                const Objective& /*objective*/, const TrainerType& trainer, Constraint&& constraint = {}) {
  if constexpr (detail::check_distillation<Objective, typename Student::ArchitectureType, Named...>()) {
    LessonContext context = detail::lesson_context(student.program, data, trainer);
    if constexpr (Objective::needs_teacher) {
      using Storage = std::type_identity<typename TrainerType::Precision::Storage>;
      const std::vector<std::string_view> taps = detail::teacher_taps<Objective>();
      LiveTeachers source{typename TrainerType::Backend{}, Storage{}, teachers, trainer.options().batch_size, taps};
      context.teachers = sizeof...(Named);
      context.teacher_shapes = {detail::shapes_at<detail::architecture_of<Named>>(taps)...};
      return detail::learn<Objective>(student, source, context, data, trainer, constraint);
    } else {
      detail::NoTeachers source;
      return detail::learn<Objective>(student, source, context, data, trainer, constraint);
    }
  }
  return {};  // Not reached: a check has failed.
}

/// The same for a sparse network, whose zeros are held; with teachers or with what is known of them.
template <class A, class Knowing, class Objective, class TrainerType>
History distill(Sparse<Network<A>>& student, const Knowing& teachers, const Dataset& data, const Objective& objective,
                const TrainerType& trainer) {
  return distill(student.network, teachers, data, objective, trainer, student.mask);
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
