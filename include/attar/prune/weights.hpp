// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <limits>
#include <numeric>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

#include <attar/core/error.hpp>
#include <attar/detail/first_option.hpp>
#include <attar/detail/whole_range.hpp>
#include <attar/model/network.hpp>
#include <attar/model/sparse.hpp>
#include <attar/prune/criteria/norms.hpp>
#include <attar/prune/criterion.hpp>
#include <attar/prune/granularity.hpp>
#include <attar/prune/options.hpp>
#include <attar/prune/scope.hpp>

namespace attar {

namespace detail {

template <class Option>
struct IsSparsity : std::bool_constant<is_sparsity<Option>> {};

/// Throws `invalid_argument` unless a run-time sparsity is in [0, 1).
inline void check_sparsity(double sparsity, const std::string& where) {
  if (sparsity >= 0 && sparsity < 1) return;
  raise(Error{ErrorCode::invalid_argument, "sparsity" + where, "at least 0 and less than 1", std::to_string(sparsity)});
}

/// The scores of the weights of an operation. Weights that are exactly zero come before all others, so that what a mask
/// holds already is dropped first, whatever the criterion says.
template <class Criterion, class Scalar>
[[nodiscard]] std::vector<double> weight_scores(const Program& program, std::span<const Scalar> parameters,
                                                std::size_t index, const Evidence<Scalar>& evidence) {
  const LayerEvidence<Scalar> layer = layer_evidence(program, parameters, index, evidence);
  std::vector<double> scores =
      checked_scores(program, index, layer.weights.size(), layer,
                     [](const auto& seen, std::span<double> out) { Criterion::weights(seen, out); });
  for (std::size_t i = 0; i < scores.size(); ++i) {
    if (layer.weights[i] == Scalar{}) scores[i] = -std::numeric_limits<double>::infinity();
  }
  return scores;
}

/// Weights that go or stay together, of several layers: each is `block` numbers, `stride` apart.
class WeightUnits {
 public:
  /// The blocks of a layer: of `block` filters each, at the same place in them. A block of zeros alone has the lowest
  /// score.
  void add(const Parameter& weight, std::size_t block, std::span<const double> scores) {
    const std::size_t stride = weight.size / static_cast<std::size_t>(weight.dims[0]);
    for (std::size_t first = 0; first < weight.size; first += block * stride) {
      for (std::size_t i = first; i < first + stride; ++i) {
        double sum = 0;
        bool all_zero = true;
        for (std::size_t k = 0; k < block; ++k) {
          const double score = scores[i + k * stride];
          const bool zero = score == -std::numeric_limits<double>::infinity();
          all_zero = all_zero && zero;
          sum += zero ? 0 : score;
        }
        units_.push_back({all_zero ? -std::numeric_limits<double>::infinity() : sum, weight.offset + i, stride});
      }
    }
  }

  /// Drops the share `sparsity` of the units, to the nearest number: those of the lowest scores, among equals those
  /// that come first. Forgets all of them.
  template <class Drop>
  void drop(double sparsity, std::size_t block, Drop&& drop_weight) {
    const auto count = static_cast<std::size_t>(sparsity * static_cast<double>(units_.size()) + 0.5);
    std::nth_element(
        units_.begin(), units_.begin() + static_cast<std::ptrdiff_t>(count), units_.end(),
        [](const Unit& a, const Unit& b) { return a.score < b.score || (a.score == b.score && a.first < b.first); });
    for (const Unit& unit : detail::span_of(units_).first(count)) {
      for (std::size_t k = 0; k < block; ++k) drop_weight(unit.first + k * unit.stride);
    }
    units_.clear();
  }

 private:
  struct Unit {
    double score;
    std::size_t first;
    std::size_t stride;
  };
  std::vector<Unit> units_;
};

/// Drops all but the `kept` best of each `of` consecutive weights along the input axis; among equals the first go.
template <class Drop>
void drop_n_of_m(const Parameter& weight, std::size_t kept, std::size_t of, std::span<const double> scores,
                 Drop&& drop_weight) {
  const std::size_t inputs = static_cast<std::size_t>(weight.dims[1]);
  const std::size_t taps = weight.size / (static_cast<std::size_t>(weight.dims[0]) * inputs);
  std::vector<std::size_t> group(of);
  for (std::size_t first = 0; first < weight.size; first += of * taps) {
    for (std::size_t tap = 0; tap < taps; ++tap) {
      for (std::size_t k = 0; k < of; ++k) group[k] = first + k * taps + tap;
      detail::sort(group, [&](std::size_t a, std::size_t b) {
        return scores[a] < scores[b] || (scores[a] == scores[b] && a < b);
      });
      for (std::size_t k = 0; k < of - kept; ++k) drop_weight(weight.offset + group[k]);
    }
  }
}

}  // namespace detail

/// Zeroes the weights that a criterion scores lowest, a policy for `prune`. Weights are those of convolutions and
/// linear layers; biases and norms stay. The zeros make the compressed file smaller; the network gets faster only by
/// those in `Blocks`.
///
/// Options in any order behind the criterion (see `WeightCriterion`):
///
/// - `Sparsity<9, 10>`: the share of zeros, among the weights of the layers that are pruned. Left out where a schedule
///   or `LayerRatios` say it, and with `NofM`, which says it itself.
/// - `PerLayer` (default) or `Global`.
/// - `Single` (default), `Blocks<16>` or `NofM<2, 4>`.
///
/// Weights that are exactly zero are dropped before all others, so masks nest when pruning is repeated at a rising
/// sparsity, whatever has become of the others between.
template <class Criterion = L1Norm, class... Options>
struct Weights {
  static constexpr bool options_fit = [] {
    using detail::is_n_of_m, detail::IsSparsity, detail::IsPruningScope, detail::IsPruningGranularity;
    constexpr int shares = (0 + ... + int{IsSparsity<Options>::value});
    constexpr int scopes = (0 + ... + int{IsPruningScope<Options>::value});
    constexpr int grains = (0 + ... + int{IsPruningGranularity<Options>::value});
    constexpr bool n_of_m = (is_n_of_m<Options> || ...);
    return shares + scopes + grains == int{sizeof...(Options)} && shares <= 1 && scopes <= 1 && grains <= 1 &&
           !(n_of_m && shares + scopes > 0);
  }();
  static_assert(options_fit,
                "attar[E038]: Weights takes a criterion and at most one Sparsity, one scope (PerLayer, Global) and one "
                "granularity (Single, Blocks, NofM); NofM says the sparsity of each layer by itself");
  static_assert(
      !options_fit || WeightCriterion<Criterion>,
      "attar[E110]: this does not score single weights: L1Norm, L2Norm, Random<>, Taylor, Snip, Movement, Lamp "
      "and OptimalBrainDamage do; others are for Channels");

  using CriterionType = Criterion;
  using Share = typename detail::FirstOption<detail::IsSparsity, void, Options...>::type;
  using Scope = typename detail::FirstOption<detail::IsPruningScope, PerLayer, Options...>::type;
  using Granularity = typename detail::FirstOption<detail::IsPruningGranularity, Single, Options...>::type;
  static constexpr bool valid = options_fit && WeightCriterion<Criterion>;
  static constexpr bool n_of_m = detail::is_n_of_m<Granularity>;
  /// Whether a sparsity is part of the policy.
  static constexpr bool has_sparsity = n_of_m || !std::is_void_v<Share>;
  /// It, or 0.
  static constexpr double sparsity = [] {
    if constexpr (n_of_m) {
      return 1 - static_cast<double>(Granularity::kept) / static_cast<double>(Granularity::of);
    } else if constexpr (has_sparsity) {
      return static_cast<double>(Share::numerator) / static_cast<double>(Share::denominator);
    } else {
      return 0.0;
    }
  }();

  /// Adds to `into` the weights that go at a sparsity in [0, 1), which `NofM` does not look at. `parameters` are (or
  /// begin with) the trainable ones of A, whose program `program` is; `evidence` may be `{}` where the criterion needs
  /// none. Throws `Error`: `invalid_argument` for another sparsity or evidence that was not gathered,
  /// `architecture_mismatch` for evidence of another architecture, `not_finite` for NaN.
  template <Architecture A, class Scalar>
  static void mask(const Program& program, std::span<const std::type_identity_t<Scalar>> parameters,
                   const Evidence<Scalar>& evidence, double at_sparsity, Mask<A>& into) {
    check_architecture<A>();
    detail::check_sparsity(at_sparsity, "");
    if constexpr (valid) {
      const auto drop = [&](std::size_t index) { into.drop(index); };
      evidence.require(Criterion::needs, program);
      detail::WeightUnits units;
      for (std::size_t i = 0; i < program.ops.size(); ++i) {
        if (!Granularity::prunes(program, i)) continue;
        const Parameter& weight = program.parameter(program.ops[i].weight);
        const std::vector<double> scores = detail::weight_scores<Criterion, Scalar>(program, parameters, i, evidence);
        if constexpr (n_of_m) {
          detail::drop_n_of_m(weight, Granularity::kept, Granularity::of, scores, drop);
        } else {
          units.add(weight, Granularity::block, scores);
          if (std::is_same_v<Scope, PerLayer>) units.drop(at_sparsity, Granularity::block, drop);
        }
      }
      if constexpr (std::is_same_v<Scope, Global>) units.drop(at_sparsity, Granularity::block, drop);
    }
  }

  /// What `prune` does with this policy.
  template <Architecture A, class Scalar>
  [[nodiscard]] static MaskedNetwork<A, Scalar> apply(const Network<A, Scalar>& network,
                                                      const Evidence<Scalar>& evidence) {
    static_assert(has_sparsity,
                  "attar[E114]: how sparse? Weights<L1Norm, Sparsity<9, 10>>, or prune(network, LayerRatios{...})");
    MaskedNetwork<A, Scalar> masked{network, {}};
    mask(A::program, masked.network.trainable(), evidence, sparsity, masked.mask);
    masked.mask(masked.network.trainable());
    return masked;
  }
  template <Architecture A, class Scalar>
  [[nodiscard]] static MaskedNetwork<A, Scalar> apply(const Network<A, Scalar>& network) {
    check_needs_nothing();
    return apply(network, Evidence<Scalar>{});
  }

  /// The same with a sparsity per layer. Throws `invalid_argument` also for a layer that the network does not have or
  /// that is not pruned.
  template <Architecture A, class Scalar>
  [[nodiscard]] static MaskedNetwork<A, Scalar> apply(const Network<A, Scalar>& network,
                                                      const Evidence<Scalar>& evidence, const LayerRatios& ratios) {
    static_assert(!n_of_m && std::is_void_v<Share> && std::is_same_v<Scope, PerLayer>,
                  "attar[E114]: with LayerRatios, Weights has no Sparsity, no Global and no NofM");
    check_architecture<A>();
    MaskedNetwork<A, Scalar> masked{network, {}};
    if constexpr (valid && !n_of_m) {
      const auto drop = [&](std::size_t index) { masked.mask.drop(index); };
      evidence.require(Criterion::needs, A::program);
      detail::WeightUnits units;
      for (const auto& [path, ratio] : ratios) {
        detail::check_sparsity(ratio, " of layer " + path);
        const std::size_t i = find_layer(A::program, path);
        units.add(A::program.parameter(A::program.ops[i].weight), Granularity::block,
                  detail::weight_scores<Criterion, Scalar>(A::program, network.trainable(), i, evidence));
        units.drop(ratio, Granularity::block, drop);
      }
    }
    masked.mask(masked.network.trainable());
    return masked;
  }
  template <Architecture A, class Scalar>
  [[nodiscard]] static MaskedNetwork<A, Scalar> apply(const Network<A, Scalar>& network, const LayerRatios& ratios) {
    check_needs_nothing();
    return apply(network, Evidence<Scalar>{}, ratios);
  }

 private:
  template <Architecture A>
  static consteval void check_architecture() {
    static_assert(!valid || !n_of_m || Granularity::fits(A::program),
                  "attar[E111]: the input channels or features of a layer do not divide by the M of NofM<N, M>; choose "
                  "widths that do, or a smaller M");
    static_assert(!valid || n_of_m || Granularity::fits(A::program),
                  "attar[E112]: the outputs of a layer do not divide by the size of Blocks; choose widths that do, or "
                  "smaller blocks");
  }

  static consteval void check_needs_nothing() {
    if constexpr (valid) {
      static_assert(Criterion::needs == Needs::nothing,
                    "attar[E113]: this criterion looks at gradients, activations or training: "
                    "prune<...>(network, gather_evidence(network, data))");
    }
  }

  static std::size_t find_layer(const Program& program, std::string_view path) {
    for (std::size_t i = 0; i < program.ops.size(); ++i) {
      if (Granularity::prunes(program, i) && detail::layer_path(program, program.ops[i]) == path) return i;
    }
    raise(Error{ErrorCode::invalid_argument, "sparsity per layer", "layers of the network with weights to prune",
                std::string{path}});
  }
};

}  // namespace attar
