// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <attar/core/aligned_buffer.hpp>
#include <attar/core/error.hpp>
#include <attar/core/parallel.hpp>
#include <attar/detail/whole_range.hpp>
#include <attar/io/type_checksum.hpp>
#include <attar/model/mask.hpp>
#include <attar/model/network.hpp>
#include <attar/model/sparse.hpp>
#include <attar/prune/evidence.hpp>
#include <attar/prune/schedule.hpp>
#include <attar/prune/weights.hpp>

namespace attar {

namespace detail {

template <class Policy>
inline constexpr bool is_weights_policy = false;
template <class Criterion, class... Options>
inline constexpr bool is_weights_policy<Weights<Criterion, Options...>> = true;

/// `Weights` with a sparsity that can be reached step by step.
template <class Policy>
inline constexpr bool has_final_sparsity = false;
template <class Criterion, class... Options>
inline constexpr bool has_final_sparsity<Weights<Criterion, Options...>> =
    Weights<Criterion, Options...>::has_sparsity && !Weights<Criterion, Options...>::n_of_m;

}  // namespace detail

/// How a mask is raised during training, beside policy and schedule.
struct GradualOptions {
  int every = 100;     ///< Steps between two looks at the schedule; the last step of a run has one too.
  double initial = 0;  ///< The sparsity that the schedule begins with, at most the policy's.
};

/// A constraint for `Trainer::fit` and `distill` that makes a network sparser while it is trained; see `gradually`.
template <class Policy, Architecture A, SparsitySchedule ScheduleType>
class Gradual {
 public:
  static_assert(detail::is_weights_policy<Policy>,
                "attar[E124]: what grows while a network is trained is a mask: gradually takes Weights<criterion, "
                "Sparsity, ...>; channels are removed between two runs");
  static_assert(!detail::is_weights_policy<Policy> || detail::has_final_sparsity<Policy>,
                "attar[E125]: gradually needs the sparsity that it ends with, as in Weights<L1Norm, Sparsity<9, 10>>; "
                "NofM has but one");

  /// Holds what `start` holds from the beginning. Throws `invalid_argument` where a number is out of range.
  explicit Gradual(ScheduleType schedule, GradualOptions options = {}, const Mask<A>& start = {})
      : schedule_{std::move(schedule)}, options_{options}, evidence_{A::program}, keeps_{A::program.trainable_size} {
    schedule_.validate();
    if (options_.every < 1) {
      raise(Error{ErrorCode::invalid_argument, "Gradual.every", "at least 1", std::to_string(options_.every)});
    }
    if (!(options_.initial >= 0 && options_.initial <= Policy::sparsity)) {
      raise(Error{ErrorCode::invalid_argument, "Gradual.initial", "0 to " + std::to_string(Policy::sparsity),
                  std::to_string(options_.initial)});
    }
    set(start);
    static_cast<void>(memory());  // Makes the evidence that is written to.
  }

  /// The sparsity asked for at a share of the training steps.
  [[nodiscard]] double sparsity(double progress) const {
    return options_.initial + (Policy::sparsity - options_.initial) * schedule_.at(progress);
  }

  /// What is held by now: after the run the final mask.
  [[nodiscard]] Mask<A> mask() const {
    Mask<A> result;
    for (std::size_t i = 0; i < keeps_.size(); ++i) {
      if (keeps_[i] == 0) result.drop(i);
    }
    return result;
  }
  /// The network that was trained with this, with its mask.
  [[nodiscard]] MaskedNetwork<A> sparse(const Network<A>& trained) const {
    MaskedNetwork<A> result{trained, mask()};
    result.mask(result.network.trainable());
    return result;
  }

  /// What a constraint does (see `NoConstraint`).
  void operator()(std::span<float> numbers) const {
    parallel_ranges(numbers.size(), [&](std::size_t begin, std::size_t end, std::size_t) {
      for (std::size_t i = begin; i < end; ++i) numbers[i] = keeps_[i] != 0 ? numbers[i] : 0.0F;
    });
  }
  void observe(double progress, std::span<const float> parameters, std::span<const float> gradients) {
    gather(parameters, gradients);
    ++state_[steps];
    if (static_cast<std::size_t>(state_[steps]) % static_cast<std::size_t>(options_.every) != 0 && progress < 1) return;
    const double wanted = sparsity(progress);
    if (static_cast<float>(wanted) > state_[reached]) {
      Mask<A> raised = mask();
      Policy::template mask<A, float>(A::program, parameters, evidence_, wanted, raised);
      set(raised);
      state_[reached] = static_cast<float>(wanted);
    }
    forget();
  }
  [[nodiscard]] std::vector<std::span<float>> memory() {
    std::vector<std::span<float>> kept{state_, keeps_.span()};
    if constexpr (needs == Needs::trajectory) kept.push_back(evidence_.movement());
    if constexpr (needs == Needs::gradients) {
      kept.push_back(evidence_.gradients());
      kept.push_back(evidence_.curvature());
    }
    return kept;
  }
  [[nodiscard]] std::string description() const {
    std::string text = "gradual " + type_checksum<Gradual>() + " every " + std::to_string(options_.every);
    for (const double progress : {0.0, 0.1, 0.25, 0.5, 0.75}) text += " " + std::to_string(sparsity(progress));
    return text;
  }

 private:
  static constexpr Needs needs = Policy::CriterionType::needs;
  static_assert(needs != Needs::activations, "attar[E124]: a criterion of weights does not look at activations");

  void set(const Mask<A>& mask) {
    for (std::size_t i = 0; i < keeps_.size(); ++i) keeps_[i] = mask.keeps(i) ? 1.0F : 0.0F;
  }

  /// Movement is that of the whole run; gradients and their squares are those since the last look, and their sums stand
  /// for their means, for scores are only compared.
  void gather(std::span<const float> parameters, std::span<const float> gradients) {
    if constexpr (needs == Needs::trajectory) {
      const std::span<float> movement = evidence_.movement();
      for (std::size_t i = 0; i < movement.size(); ++i) movement[i] -= parameters[i] * gradients[i];
    }
    if constexpr (needs == Needs::gradients) {
      const std::span<float> sum = evidence_.gradients();
      const std::span<float> squares = evidence_.curvature();
      for (std::size_t i = 0; i < sum.size(); ++i) {
        sum[i] += gradients[i];
        squares[i] += gradients[i] * gradients[i];
      }
    }
  }
  void forget() {
    if constexpr (needs == Needs::gradients) {
      detail::fill(evidence_.gradients(), 0.0F);
      detail::fill(evidence_.curvature(), 0.0F);
    }
  }

  enum : std::size_t { steps, reached };

  ScheduleType schedule_;
  GradualOptions options_;
  Evidence<float> evidence_;
  AlignedBuffer<float> keeps_;  ///< 1 or 0: numbers that a checkpoint can hold, as are the next two.
  std::array<float, 2> state_{};
};

/// A constraint that raises the sparsity of a network during training, by a schedule, up to that of the policy:
/// `Weights` of any criterion, scope and blocks. What is zero stays zero. Criteria that look at gradients or at the
/// movement of weights (`Movement`, Sanh et al. 2020; in its hard form, without the way back) see those of the training
/// itself, with its loss. An interrupted run goes on from its checkpoint as if nothing had happened. A run that ends
/// early
/// (`Epochs::stop_after`) ends with the sparsity that it has reached.
///
///     auto rising = gradually<Weights<Movement, Sparsity<9, 10>, Global>>(student, Cubic{.end = 0.8}, {.every = 50});
///     distill(student, teachers(teacher), data.train, Objective{}, trainer, rising);
///     auto sparse = rising.sparse(student);
///
/// Throws `Error` with `invalid_argument` where a number is out of range.
template <class Policy, Architecture A, SparsitySchedule ScheduleType = Cubic>
[[nodiscard]] Gradual<Policy, A, ScheduleType> gradually(const Network<A>& /*network*/, ScheduleType schedule = {},
                                                         GradualOptions options = {}) {
  return Gradual<Policy, A, ScheduleType>{std::move(schedule), options};
}
/// The same for a network that is sparse already: its zeros are held from the beginning.
template <class Policy, Architecture A, SparsitySchedule ScheduleType = Cubic>
[[nodiscard]] Gradual<Policy, A, ScheduleType> gradually(const Sparse<Network<A>>& sparse, ScheduleType schedule = {},
                                                         GradualOptions options = {}) {
  return Gradual<Policy, A, ScheduleType>{std::move(schedule), options, sparse.mask};
}

}  // namespace attar
