// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <attar/core/error.hpp>
#include <attar/data/dataset.hpp>
#include <attar/detail/whole_range.hpp>
#include <attar/distill/distill.hpp>
#include <attar/distill/knowledge.hpp>
#include <attar/distill/known_teachers.hpp>
#include <attar/distill/lesson.hpp>
#include <attar/loss/features.hpp>
#include <attar/model/network.hpp>
#include <attar/model/tap.hpp>
#include <attar/train/history.hpp>
#include <attar/train/trainer.hpp>

namespace attar {

namespace detail {

inline void require_known(bool holds, const char* what, std::string expected, std::string found) {
  if (!holds)
    raise(Error{ErrorCode::invalid_argument, std::string{"knowledge, "} + what, std::move(expected), std::move(found)});
}

[[nodiscard]] inline std::string to_string(const Augmentation& augmentation) {
  return std::string{augmentation.flip ? "flip" : "no flip"} + ", crop padding " +
         std::to_string(augmentation.crop_padding) + ", cutout " + std::to_string(augmentation.cutout);
}

/// The knowledge is of the images that the trainer will show, in all of its epochs.
inline void check_images(const KnowledgeOrigin& known, const Dataset& data, const TrainOptions& options, int epochs) {
  require_known(known.images == data.size(), "images", std::to_string(data.size()), std::to_string(known.images));
  require_known(known.data == identity(data), "data set", "that of the training", "another, or another normalization");
  require_known(known.augmentation == options.augmentation, "augmentation", to_string(options.augmentation),
                to_string(known.augmentation));
  if (!known.varies()) return;
  require_known(known.seed.value == options.seed.value, "seed of the augmentation", std::to_string(options.seed.value),
                std::to_string(known.seed.value));
  require_known(known.epochs >= static_cast<std::size_t>(epochs), "epochs of varied images",
                "at least " + std::to_string(epochs), std::to_string(known.epochs));
}

/// There are as many teachers as the objective fuses.
template <class Objective>
void check_count(std::size_t teachers) {
  constexpr bool fused = !std::is_void_v<typename Objective::Fusion>;
  require_known(fused ? teachers > 1 : teachers == 1, "teachers",
                fused ? "several, to be fused" : "one, for there is no Fuse", std::to_string(teachers));
}

/// A feature term finds the maps of every teacher, and can compare the student's with them.
template <class Term>
void check_maps(const KnowledgeOrigin& known, const Program& student) {
  const std::string where{Term::TeacherTap::where};
  const auto found = detail::find(known.taps, where);
  require_known(found != known.taps.end(), "maps", "those of tap " + where, "none");
  const Shape& own = student.shape(tapped_value(student, Term::StudentTap::where));
  for (const std::vector<Shape>& shapes : known.shapes) {
    const Shape& shape = shapes[static_cast<std::size_t>(found - known.taps.begin())];
    require_known(Term::check(own, shape) == FeatureFault::none, "maps",
                  "a shape that the term can compare with the student's " + attar::to_string(own),
                  attar::to_string(shape));
  }
}

/// Throws where a distillation with this knowledge would be wrong.
template <class Objective>
void check_knowledge(const KnowledgeOrigin& known, const Program& student, const Dataset& data,
                     const TrainOptions& options, int epochs) {
  const std::size_t classes = student.output_shape().size();
  require_known(known.classes == classes, "classes", std::to_string(classes), std::to_string(known.classes));
  check_count<Objective>(known.shapes.size());
  Objective::for_each_feature_term([&]<class Term>(std::type_identity<Term>) { check_maps<Term>(known, student); });
  check_images(known, data, options, epochs);
}

}  // namespace detail

/// Teaches `student` from what teachers said once (see `remember`) instead of asking them again: with `Exactly` kept
/// knowledge the result is that of the teachers at work, bit for bit, if a teacher's answer for an image is the same in
/// any batch (see docs/distillation.md). Besides what `Trainer::fit` throws, it throws `Error` with `invalid_argument`,
/// before anything is trained, where the knowledge is of another data set, augmentation, seed of the augmentation or
/// number of classes, of fewer epochs than the trainer runs, without maps that a term needs, or of one teacher for
/// `Fuse` or several without.
///
///     distill(student, load_knowledge("teachers.safetensors"), data.train, Objective{}, trainer);
template <TrainableNetwork Student, class Objective, class TrainerType, class Constraint = NoConstraint>
History distill(Student& student, const Knowledge& knowledge, const Dataset& data, const Objective& /*objective*/,
                const TrainerType& trainer, Constraint&& constraint = {}) {
  Objective::for_each_feature_term([]<class Term>(std::type_identity<Term>) {
    static_assert(detail::CheckStudentTap<typename Term::StudentTap, typename Student::ArchitectureType>::passed);
  });
  LessonContext context = detail::lesson_context(student.program, data, trainer);
  if constexpr (Objective::needs_teacher) {
    detail::check_training_data(student.program, data, trainer.options());
    const KnowledgeOrigin& known = knowledge.origin();
    detail::check_knowledge<Objective>(known, student.program, data, trainer.options(), trainer.epochs().run());
    const std::vector<std::string_view> taps = detail::teacher_taps<Objective>();
    context.teachers = knowledge.teachers();
    for (const std::vector<Shape>& kept : known.shapes) {
      std::vector<Shape>& shapes = context.teacher_shapes.emplace_back();
      for (const std::string_view where : taps) {
        shapes.push_back(kept[static_cast<std::size_t>(detail::find(known.taps, where) - known.taps.begin())]);
      }
    }
    detail::KnownTeachers source{knowledge, context.batch, detail::span_of(taps)};
    return detail::learn<Objective>(student, source, context, data, trainer, constraint);
  } else {
    detail::NoTeachers source;
    return detail::learn<Objective>(student, source, context, data, trainer, constraint);
  }
}

}  // namespace attar
