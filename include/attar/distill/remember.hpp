// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include <attar/backend/default_backend.hpp>
#include <attar/core/error.hpp>
#include <attar/core/interrupt.hpp>
#include <attar/core/rng.hpp>
#include <attar/data/augment.hpp>
#include <attar/data/dataset.hpp>
#include <attar/data/loader.hpp>
#include <attar/distill/check.hpp>
#include <attar/distill/knowledge.hpp>
#include <attar/distill/teacher_forward.hpp>
#include <attar/distill/teachers.hpp>
#include <attar/model/tap.hpp>
#include <attar/train/metrics.hpp>
#include <attar/train/precision.hpp>
#include <attar/train/progress.hpp>
#include <attar/train/trainer.hpp>

namespace attar {

/// The taps at which `remember` keeps feature maps: `Taps<Tap<"middle">, Tap<"3">>`.
template <class... Where>
struct Taps {
  static_assert((detail::is_tap<Where> && ...), "attar[E097]: the items of Taps are Tap<\"...\">");
};

/// How `remember` shows the images to the teachers.
struct RememberOptions {
  Augmentation augmentation = {};  ///< That of the trainer which is to use the knowledge.
  Seed seed = {};                  ///< Its seed; counts only with augmentation.
  int epochs = 1;                  ///< Its epochs; without augmentation one is all there is to know.
  int batch_size = 128;            ///< Images at a time.
  bool progress = true;            ///< Report on standard error: loss and accuracy are the first teacher's.
  std::string title = "remember";  ///< What the report calls it.
};

namespace detail {

template <class Keep, class First, class... Named>
struct CheckRemembered {
  static constexpr bool alike = (CheckTeacher<First, Named>::passed && ... && true);
  static_assert(Keep::keeping.top < First::output_shape.size(),
                "attar[E096]: TopK keeps at least one class, and fewer than all; Exactly keeps all");
  static constexpr bool passed = alike;
};

template <class Network, class... Where>
std::vector<Shape> kept_shapes() {
  return {Network::program.shape(tapped_value(Network::program, Where::where))...};
}

/// Shows all images to the teachers, epoch by epoch, and keeps what they say.
inline void replay(KnowledgeSource& teachers, const Dataset& data, const RememberOptions& options,
                   Knowledge& knowledge) {
  const KnowledgeOrigin& origin = knowledge.origin();
  Loader loader{data,
                {.batch_size = static_cast<std::size_t>(options.batch_size),
                 .augmentation = options.augmentation,
                 .seed = options.seed}};
  std::vector<Metrics> metrics(knowledge.teachers(), Metrics{origin.classes});
  std::optional<Progress> progress;
  if (options.progress) progress.emplace(options.title, origin.epochs * data.size(), origin.epochs);
  for (std::uint64_t epoch = 0; epoch < origin.epochs; ++epoch) {
    for (const Batch& batch : loader.epoch(epoch)) {
      if (attar::interrupt_requested()) {
        raise(Error{ErrorCode::interrupted, options.title, "to finish", "a request to stop"});
      }
      const std::span<const TeacherAnswer> answers = teachers.ask(batch);
      for (std::size_t teacher = 0; teacher < answers.size(); ++teacher) {
        const auto& [logits, maps] = answers[teacher];
        metrics[teacher].add(logits, batch.labels());
        for (std::size_t image = 0; image < batch.size(); ++image) {
          const std::uint32_t sample = batch.indices()[image];
          knowledge.keep_logits(teacher, epoch, sample, logits.row(image));
          for (std::size_t tap = 0; tap < maps.size(); ++tap) {
            knowledge.keep_maps(teacher, tap, epoch, sample, maps[tap].image(image));
          }
        }
      }
      if (progress) progress->update(batch.size(), metrics.front().loss(), metrics.front().accuracy());
    }
  }
  if (progress) progress->finish();
}

}  // namespace detail

/// Asks the teachers about all images of `data` once and keeps their logits, and their maps at `Taps`, as the policy
/// says: `Exactly`, `InHalf` or `TopK`. Augmented images are those that a trainer of the same augmentation and seed
/// shows its student in the same epoch. Teachers run in inference form, in `Precision` (or their own, `in`) on
/// `Backend`. Throws `Error`: `invalid_argument` where data and teachers do not fit or an option is out of range,
/// `not_finite` where a teacher's logits are NaN or infinite or 16 bits cannot hold them, `out_of_memory`,
/// `interrupted`.
///
///     const Knowledge known = remember(teachers(first, second), data.train, RememberOptions{}, InHalf{});
///     distill(student, known, data.train, Objective{}, trainer);
template <class... Named, KeepPolicy Keep = Exactly, class... Where, class Precision = Fp32,
          class Backend = DefaultBackend>
[[nodiscard]] Knowledge remember(const Teachers<Named...>& teachers, const Dataset& data,
                                 const RememberOptions& options = {}, Keep /*keep*/ = {}, Taps<Where...> /*taps*/ = {},
                                 Precision /*precision*/ = {}, Backend backend = {}) {
  static_assert(sizeof...(Named) > 0, "attar[E095]: remember needs a teacher; name it by teachers(network)");
  if constexpr (sizeof...(Named) > 0) {
    using First = std::tuple_element_t<0, std::tuple<detail::architecture_of<Named>...>>;
    static_assert(detail::CheckRemembered<Keep, First, detail::architecture_of<Named>...>::passed);
    const auto check_taps = []<class Teacher>(std::type_identity<Teacher>) {
      static_assert((detail::CheckTeacherTap<Where, Teacher>::passed && ... && true));
    };
    (check_taps(std::type_identity<Named>{}), ...);

    detail::check_training_data(First::program, data, {.batch_size = 1});
    if (options.epochs < 1) {
      raise(Error{ErrorCode::invalid_argument, "epochs to remember", "at least 1", std::to_string(options.epochs)});
    }
    const std::array<std::string_view, sizeof...(Where)> taps{Where::where...};
    LiveTeachers live{backend, std::type_identity<typename Precision::Storage>{}, teachers, options.batch_size, taps};
    KnowledgeOrigin origin{.data = identity(data),
                           .images = data.size(),
                           .classes = First::output_shape.size(),
                           .augmentation = options.augmentation,
                           .seed = options.seed,
                           .keeping = Keep::keeping,
                           .teachers = live.description(),
                           .taps = {taps.begin(), taps.end()},
                           .shapes = {detail::kept_shapes<detail::architecture_of<Named>, Where...>()...}};
    if (origin.varies()) origin.epochs = static_cast<std::size_t>(options.epochs);
    Knowledge knowledge{std::move(origin)};
    detail::replay(live, data, options, knowledge);
    return knowledge;
  }
}

/// All that a trainer's student will see: its augmentation, seed, epochs, precision and backend.
///
///     const Knowledge known = remember(teachers(first, second), data.train, trainer);
template <class... Named, class TrainerType, KeepPolicy Keep = Exactly, class... Where>
  requires requires { typename TrainerType::Precision; }
[[nodiscard]] Knowledge remember(const Teachers<Named...>& teachers, const Dataset& data, const TrainerType& trainer,
                                 Keep keep = {}, Taps<Where...> taps = {}) {
  const TrainOptions& options = trainer.options();
  return remember(teachers, data,
                  RememberOptions{.augmentation = options.augmentation,
                                  .seed = options.seed,
                                  .epochs = trainer.epochs().run(),
                                  .batch_size = options.batch_size,
                                  .progress = options.progress},
                  keep, taps, typename TrainerType::Precision{}, typename TrainerType::Backend{});
}

}  // namespace attar
