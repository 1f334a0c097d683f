// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include <attar/core/error.hpp>
#include <attar/detail/whole_range.hpp>
#include <attar/model/program.hpp>
#include <attar/prune/evidence.hpp>

namespace attar {

/// How much single weights matter: a type with
///
///     static constexpr Needs needs = Needs::nothing;
///     template <class Scalar>
///     static void weights(const LayerEvidence<Scalar>& layer, std::span<double> scores);
///
/// which writes a score for each weight of the layer. The largest stay. With the scope `Global` scores of all layers
/// are compared as they are.
template <class C>
concept WeightCriterion = requires(const LayerEvidence<float>& layer, std::span<double> scores) {
  { C::needs } -> std::convertible_to<Needs>;
  C::weights(layer, scores);
};

/// How much filters matter: a type with `needs` as above and
///
///     template <class Scalar>
///     static void filters(const LayerEvidence<Scalar>& layer, std::span<double> scores);
///
/// which writes a score of at least 0 for each filter, that is, each output channel of the layer. The largest stay.
/// Scores are divided by the layer's mean before those of several layers are added. A layer where all scores are 0 has
/// no say.
template <class C>
concept FilterCriterion = requires(const LayerEvidence<float>& layer, std::span<double> scores) {
  { C::needs } -> std::convertible_to<Needs>;
  C::filters(layer, scores);
};

namespace detail {

/// The sum of `score(i)` over the weights of each filter.
template <class Scalar, class Score>
void sum_by_filter(const LayerEvidence<Scalar>& layer, std::span<double> scores, Score&& score) {
  const std::size_t size = layer.weights.size() / layer.filters;
  for (std::size_t filter = 0; filter < layer.filters; ++filter) {
    scores[filter] = 0;
    for (std::size_t i = filter * size; i < (filter + 1) * size; ++i) scores[filter] += score(i);
  }
}

template <class Score>
void score_each(std::span<double> scores, Score&& score) {
  for (std::size_t i = 0; i < scores.size(); ++i) scores[i] = score(i);
}

/// `numbers[i]`, exactly, as a double.
template <class Scalar>
[[nodiscard]] double at(std::span<const Scalar> numbers, std::size_t i) noexcept {
  return static_cast<double>(numbers[i]);
}

/// NaN has no place in an order. Throws `not_finite` where `numbers`, weights or scores of a layer, have one.
template <class Number>
void check_no_nan(const Program& program, const Op& op, std::span<const Number> numbers) {
  if (!detail::any_of(numbers, [](Number number) { return std::isnan(number); })) return;
  raise(Error{ErrorCode::not_finite, "pruning at layer " + std::string{layer_path(program, op)},
              "weights and scores that are numbers", "NaN"});
}

/// What a criterion writes about operation number `index`, by `score(layer, scores)`, `count` numbers.
template <class Scalar, class Score>
[[nodiscard]] std::vector<double> checked_scores(const Program& program, std::size_t index, std::size_t count,
                                                 const LayerEvidence<Scalar>& layer, Score&& score) {
  check_no_nan(program, program.ops[index], layer.weights);
  std::vector<double> scores(count);
  score(layer, std::span{scores});
  check_no_nan(program, program.ops[index], std::span<const double>{scores});
  return scores;
}

/// The score of each filter of each convolution and linear layer, by the numbers of the operations; empty for others.
/// Throws what `Evidence::require` and `check_no_nan` throw.
template <FilterCriterion Criterion, class Scalar>
[[nodiscard]] std::vector<std::vector<double>> filter_scores(const Program& program, std::span<const Scalar> buffer,
                                                             const Evidence<Scalar>& evidence = {}) {
  evidence.require(Criterion::needs, program);
  std::vector<std::vector<double>> scores(program.ops.size());
  for (std::size_t i = 0; i < program.ops.size(); ++i) {
    if (!has_filters(program.ops[i])) continue;
    const LayerEvidence<Scalar> layer = layer_evidence(program, buffer, i, evidence);
    scores[i] = checked_scores(program, i, layer.filters, layer,
                               [](const auto& seen, std::span<double> out) { Criterion::filters(seen, out); });
  }
  return scores;
}

}  // namespace detail
}  // namespace attar
