// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <string_view>
#include <type_traits>

#include <attar/distill/teacher_forward.hpp>
#include <attar/distill/teachers.hpp>
#include <attar/loss/features.hpp>
#include <attar/model/fold_batch_norm.hpp>
#include <attar/model/tap.hpp>

/// What `distill` asks of its arguments, one sentence per mistake.
namespace attar::detail {

/// A teacher's outputs and images are the student's.
template <class Student, class Teacher>
struct CheckTeacher {
  static_assert(
      Teacher::output_shape == Student::output_shape,
      "attar[E051]: teacher and student must have the same classes, for their outputs are compared one by one; "
      "give both the same last Linear");
  static_assert(Teacher::input_shape == Student::input_shape,
                "attar[E052]: teacher and student must take the same images; give both the same Input");
  static constexpr bool passed = true;
};

/// The number of teachers fits the objective.
template <class Objective, std::size_t Teachers>
struct CheckCount {
  static constexpr bool fused = !std::is_void_v<typename Objective::Fusion>;
  static_assert(!Objective::needs_teacher || Teachers > 0,
                "attar[E053]: this objective learns from a teacher; name it by teachers(network)");
  static_assert(!Objective::needs_teacher || Teachers < 2 || fused,
                "attar[E064]: several teachers must be fused; add Fuse<Equal> or another Fuse to the objective");
  static_assert(!fused || Teachers != 1, "attar[E064]: Fuse is for several teachers; leave it out for one");
  static constexpr bool passed = true;
};

template <class Teacher>
inline constexpr bool computes_in_int8 = false;
template <class A, class Scheme>
inline constexpr bool computes_in_int8<QuantizedNetwork<A, Scheme>> = true;

/// Whether a feature term can compare the shapes at its taps.
template <class Term, FeatureFault Found>
struct CheckShapes {
  static_assert(Found != FeatureFault::extents_differ,
                "attar[E084]: this term compares maps pixel by pixel; tap student and teacher where their maps have "
                "the same height and width");
  static_assert(Found != FeatureFault::extents_uneven,
                "attar[E085]: this term averages the larger map down to the smaller; its height and width must be "
                "multiples of the smaller's");
  static constexpr bool passed = Found == FeatureFault::none;
};

/// A student has a tap.
template <class Where, class Student>
struct CheckStudentTap {
  static_assert(find_tap(Student::program, Where::where) >= 0,
                "attar[E082]: the student has no such tap; put Tag<\"...\"> into its stack, or name a layer's place");
  static constexpr bool passed = find_tap(Student::program, Where::where) >= 0;
};

/// A teacher has a tap, and maps there.
template <class Where, class Teacher>
struct CheckTeacherTap {
  using Network = architecture_of<Teacher>;
  static constexpr int row = find_tap(Network::program, Where::where);
  static_assert(row >= 0,
                "attar[E082]: the teacher has no such tap; put Tag<\"...\"> into its stack, or name a layer's place");
  static_assert(!computes_in_int8<std::remove_cvref_t<Teacher>>,
                "attar[E083]: an int8 teacher has no float maps; take the float network it was made from");
  static_assert(row < 0 || survives_folding(Network::program, fold_batch_norm_t<Network>::program, row),
                "attar[E086]: the teacher runs with its norms folded into the convolutions, so there is nothing "
                "between them to tap; tap behind the BatchNorm2d");
  static constexpr bool passed = row >= 0;
};

/// The taps of a feature term exist, and their shapes can be compared.
template <class Term, class Student, class Teacher>
struct CheckTaps {
  static consteval bool check() {
    if constexpr (CheckStudentTap<typename Term::StudentTap, Student>::passed &&
                  CheckTeacherTap<typename Term::TeacherTap, Teacher>::passed) {
      const auto shape_at = [](const Program& program, std::string_view where) {
        return program.shape(tapped_value(program, where));
      };
      return CheckShapes<Term,
                         Term::check(shape_at(Student::program, Term::StudentTap::where),
                                     shape_at(architecture_of<Teacher>::program, Term::TeacherTap::where))>::passed;
    }
    return false;
  }
  static constexpr bool passed = check();
};

}  // namespace attar::detail
