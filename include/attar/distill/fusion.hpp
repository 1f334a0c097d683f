// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include <attar/core/error.hpp>
#include <attar/core/rng.hpp>
#include <attar/detail/whole_range.hpp>
#include <attar/loss/objective.hpp>
#include <attar/loss/options.hpp>

namespace attar {

/// How several teachers become one lesson.
enum class FusionOf {
  logits,         ///< One teacher with the weighted mean of the logits: the geometric mean of the probabilities.
  probabilities,  ///< One teacher with the weighted mean of the softened probabilities.
  losses,         ///< Each term against each teacher, the losses and gradients weighted.
};

/// What a weighting may look at: the labels, the student's and all teachers' logits.
struct FusionInputs {
  LogitsView<float> student;
  std::span<const std::int32_t> labels;
  std::span<const LogitsView<float>> teachers;
};

/// A weighting at work. Its parameters, if it has any, are trained with the student.
class FusionState {
 public:
  FusionState() = default;
  FusionState(const FusionState&) = delete;
  FusionState& operator=(const FusionState&) = delete;
  virtual ~FusionState() = default;

  /// Writes what each teacher counts for each image, teachers x batch, at least 0 and of sum 1 for each image; and the
  /// gradient of the weighting's own loss, if it has parameters. The weights are constants to the student: no gradient
  /// goes through them.
  virtual void weigh(const FusionInputs& inputs, std::span<double> weights) = 0;
  [[nodiscard]] virtual std::span<float> parameters() { return {}; }
  [[nodiscard]] virtual std::span<const float> gradients() const { return {}; }
};

/// A way to weigh teachers: a type with `State`, a `FusionState` made from the numbers of teachers and classes.
template <class W>
concept Weighting = std::derived_from<typename W::State, FusionState> &&
                    std::constructible_from<typename W::State, std::size_t, std::size_t, Seed>;

/// How several teachers are fused: an item of `Distill`.
///
///     Distill<Fuse<ByConfidence>, SoftTargets<>, HardLabels<Weight<1, 10>>>
template <class W, FusionOf Of = FusionOf::losses>
struct Fuse {
  static_assert(Weighting<W>, "attar[E065]: Fuse takes a weighting: Equal, Fixed, ByEntropy, ByConfidence, ...");
  using Weights = W;
  static constexpr FusionOf of = Of;
};

namespace detail {

/// What a teacher counts whose part of a fault (entropy, loss) is `part`, where all teachers' parts sum to one: these
/// sum to one as well. A teacher alone counts fully.
[[nodiscard]] inline double without_part(double part, std::size_t teachers) {
  return teachers == 1 ? 1.0 : (1.0 - part) / static_cast<double>(teachers - 1);
}

/// A `Weight` that does not change over training.
template <class Option>
concept ConstantWeight = is_weight<Option> && requires { Option::value; };

/// Whether weights can be divided by their sum.
template <class... Shares>
consteval bool can_be_shares() {
  if constexpr ((ConstantWeight<Shares> && ...)) {
    return (0.0 + ... + Shares::value) > 0;
  } else {
    return false;
  }
}

}  // namespace detail

/// All teachers alike: averages of logits, of probabilities or of losses, as `FusionOf` says.
struct Equal {
  class State final : public FusionState {
   public:
    State(std::size_t /*teachers*/, std::size_t /*classes*/, Seed /*seed*/) {}
    void weigh(const FusionInputs& inputs, std::span<double> weights) override {
      detail::fill(weights, 1.0 / static_cast<double>(inputs.teachers.size()));
    }
  };
};

/// Given weights, one per teacher, divided by their sum: `Fixed<Weight<2>, Weight<1>>` is 2/3 and 1/3. Throws `Error`
/// with `invalid_argument` where there are more or fewer teachers.
template <class... Shares>
struct Fixed {
  static_assert(detail::can_be_shares<Shares...>(),
                "attar[E066]: Fixed takes a Weight for each teacher, at least one of them above zero");
  class State final : public FusionState {
   public:
    State(std::size_t teachers, std::size_t /*classes*/, Seed /*seed*/) {
      if (teachers != sizeof...(Shares)) {
        raise(Error{ErrorCode::invalid_argument, "Fixed", std::to_string(teachers) + " weights, one per teacher",
                    std::to_string(sizeof...(Shares))});
      }
    }
    void weigh(const FusionInputs& inputs, std::span<double> weights) override {
      constexpr double sum = (0.0 + ... + Shares::value);
      auto next = weights.begin();
      ((next = std::fill_n(next, inputs.student.batch, Shares::value / sum)), ...);
    }
  };
};

}  // namespace attar
