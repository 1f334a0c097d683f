// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <numeric>
#include <span>
#include <vector>

#include <attar/model/network.hpp>
#include <attar/prune/channel_choice.hpp>
#include <attar/prune/criteria/norms.hpp>
#include <attar/prune/criterion.hpp>
#include <attar/prune/evidence.hpp>

namespace attar {

namespace detail {

/// Copies the rows and columns that stay, of a tensor of rows x columns x rest.
template <class Scalar>
void copy_kept(std::span<const Scalar> from, std::size_t from_columns, std::span<Scalar> to,
               std::span<const std::size_t> rows, std::span<const std::size_t> columns) {
  const std::size_t rest = to.size() / (rows.size() * columns.size());
  Scalar* target = to.data();
  for (const std::size_t row : rows) {
    for (const std::size_t column : columns) {
      target = std::copy_n(from.data() + (row * from_columns + column) * rest, rest, target);
    }
  }
}

template <class Scalar>
void copy_channels(const Program& from, std::span<const Scalar> source, const Program& to, std::span<Scalar> target,
                   const ChannelChoice& choice) {
  const std::size_t one[]{0};
  for (std::size_t i = 0; i < from.ops.size(); ++i) {
    const Op& wide = from.ops[i];
    const Op& narrow = to.ops[i];
    const std::vector<std::size_t> rows = choice.channels(wide.output);
    const std::vector<std::size_t> inputs = choice.channels(wide.operands[0]);
    const auto copy = [&](int from_index, int to_index) {
      if (from_index < 0) return;
      const Parameter& in = from.parameter(from_index);
      const Parameter& out = to.parameter(to_index);
      const bool matrix = in.rank > 1 && in.dims[1] > 1;
      copy_kept<Scalar>(source.subspan(in.offset, in.size), matrix ? static_cast<std::size_t>(in.dims[1]) : 1,
                        target.subspan(out.offset, out.size), rows,
                        matrix ? std::span<const std::size_t>{inputs} : std::span<const std::size_t>{one});
    };
    copy(wide.weight, narrow.weight);
    copy(wide.bias, narrow.bias);
    copy(wide.running_mean, narrow.running_mean);
    copy(wide.running_var, narrow.running_var);
  }
}

}  // namespace detail

/// Whether `To` is `From` with fewer channels in some layers and otherwise the same, so that `prune_to` can take the
/// one to the other.
template <Architecture To, Architecture From>
inline constexpr bool narrower_than = detail::is_narrower(To::program, From::program);

/// Removes channels until the network is of the narrower architecture `To`, whose widths may be chosen layer by layer.
/// The channels that `Criterion` scores lowest go, with everything that reads or writes them: filters, biases, norms,
/// the input slices of later layers. Channels that are tied together (by sums, gates and depthwise convolutions) are
/// scored together and go together. Those that stay keep their order, and the numbers in them are not changed.
///
///     const Network<Narrow> narrow = prune_to<Narrow>(wide);
///     const Network<Narrow> narrow = prune_to<Narrow, Taylor>(wide, gather_evidence(wide, data));
///
/// Throws `invalid_argument` where the widths of `To` contradict each other across sums and concatenations or evidence
/// was not gathered, `architecture_mismatch` for evidence of another architecture, `not_finite` for scores that are
/// NaN.
template <Architecture To, class Criterion = L1Norm, Architecture From, class Scalar>
[[nodiscard]] Network<To, Scalar> prune_to(const Network<From, Scalar>& network, const Evidence<Scalar>& evidence) {
  static_assert(narrower_than<To, From>,
                "attar[E036]: prune_to goes to the same architecture with fewer channels; only the outputs of layers "
                "may differ, and none may be larger");
  static_assert(FilterCriterion<Criterion>,
                "attar[E034]: this does not score filters: L1Norm, L2Norm, Random<>, Taylor, Snip, GeometricMedian, "
                "NormScale, ZeroShare, MeanActivation and OptimalBrainDamage do; others are for Weights");
  Network<To, Scalar> narrow;
  if constexpr (narrower_than<To, From> && FilterCriterion<Criterion>) {
    const detail::ChannelChoice choice{From::program, To::program,
                                       detail::filter_scores<Criterion>(From::program, network.buffer(), evidence)};
    detail::copy_channels<Scalar>(From::program, network.buffer(), To::program, narrow.buffer(), choice);
  }
  return narrow;
}

/// The same by a criterion that looks at the network alone.
template <Architecture To, class Criterion = L1Norm, Architecture From, class Scalar>
[[nodiscard]] Network<To, Scalar> prune_to(const Network<From, Scalar>& network) {
  if constexpr (FilterCriterion<Criterion>) {
    static_assert(Criterion::needs == Needs::nothing,
                  "attar[E113]: this criterion looks at gradients, activations or training: "
                  "prune<...>(network, gather_evidence(network, data))");
  }
  return prune_to<To, Criterion>(network, Evidence<Scalar>{});
}

}  // namespace attar
