// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <span>
#include <tuple>
#include <utility>

#include <attar/backend/inference_session.hpp>
#include <attar/core/aligned_buffer.hpp>
#include <attar/data/dataset.hpp>
#include <attar/distill/objective.hpp>
#include <attar/distill/teachers.hpp>
#include <attar/loss/objective.hpp>
#include <attar/model/fold_batch_norm.hpp>
#include <attar/model/network.hpp>
#include <attar/train/trainer.hpp>

namespace attar {

namespace detail {

/// A teacher at work: its inference form (norms folded, nothing kept for gradients) for batches of one size.
template <class Backend, class Storage, class A>
class TeacherForward {
 public:
  TeacherForward(const Network<A>& teacher, int batch)
      : folded_{fold_batch_norm(teacher)},
        session_{folded_.program, folded_.buffer(), batch},
        context_{session_.make_context()},
        logits_{static_cast<std::size_t>(batch) * A::output_shape.size()},
        batch_{static_cast<std::size_t>(batch)} {}

  LogitsView<float> operator()(std::span<const float> images) {
    session_.run(images.data(), logits_.data(), context_);
    return {logits_.data(), batch_, A::output_shape.size()};
  }

 private:
  Network<fold_batch_norm_t<A>> folded_;
  InferenceSession<Backend, Storage> session_;
  typename InferenceSession<Backend, Storage>::Context context_;
  AlignedBuffer<float> logits_;
  std::size_t batch_;
};

/// What `distill` asks of each teacher, one sentence per mistake.
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

}  // namespace detail

/// Teaches `student` with `objective` from the data's labels and the teacher's outputs (Hinton et al. 2015). The
/// teacher sees the same augmented images as the student, in inference form and in the trainer's precision; where no
/// term of weight above zero needs it, it is never run. `constraint` holds in training what `Trainer::fit` says.
/// Errors and return value are those of `Trainer::fit`.
///
///     distill(student, teachers(teacher), data.train, Objective{}, trainer);
template <class A, class... TeacherArchitectures, class Objective, class TrainerType, class Constraint = NoConstraint>
History distill(Network<A>& student, const Teachers<Network<TeacherArchitectures>...>& teachers, const Dataset& data,
                const Objective& objective, const TrainerType& trainer, const Constraint& constraint = {}) {
  static_assert((detail::CheckTeacher<A, TeacherArchitectures>::passed && ...));
  static_assert(!Objective::needs_teacher || sizeof...(TeacherArchitectures) == 1,
                "attar[E053]: this objective learns from one teacher; name it by teachers(network)");
  if constexpr (Objective::needs_teacher) {
    using Storage = typename TrainerType::Precision::Storage;
    using Backend = typename TrainerType::Backend;
    const int batch = trainer.options().batch_size;
    detail::TeacherForward<Backend, Storage, TeacherArchitectures...> forward{std::get<0>(teachers.networks), batch};
    LogitsView<float> view;
    const auto ask = [&](std::span<const float> images) {
      view = forward(images);
      return std::span<const LogitsView<float>>{&view, 1};
    };
    return trainer.fit(student, data, objective, ask, constraint);
  } else {
    return trainer.fit(student, data, objective, NoTeacher{}, constraint);
  }
}

}  // namespace attar
