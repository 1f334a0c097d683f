// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <numeric>
#include <span>
#include <vector>

#include <attar/model/network.hpp>
#include <attar/prune/channel_choice.hpp>
#include <attar/prune/criterion.hpp>

namespace attar {

namespace detail {

/// The score of each filter of each convolution and linear layer.
template <class Criterion, class Scalar>
std::vector<std::vector<double>> filter_scores(const Program& program, std::span<const Scalar> buffer) {
  std::vector<std::vector<double>> scores(program.ops.size());
  for (std::size_t i = 0; i < program.ops.size(); ++i) {
    const Op& op = program.ops[i];
    if (op.kind != OpKind::conv2d && op.kind != OpKind::linear) continue;
    const Parameter& weight = program.parameter(op.weight);
    const auto filters = static_cast<std::size_t>(weight.dims[0]);
    const std::size_t size = weight.size / filters;
    for (std::size_t filter = 0; filter < filters; ++filter) {
      const std::uint64_t number = (std::uint64_t{i} << 32) + filter;
      scores[i].push_back(Criterion::score(buffer.subspan(weight.offset + filter * size, size), number));
    }
  }
  return scores;
}

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
///
/// Throws `invalid_argument` where the widths of `To` contradict each other across sums and concatenations.
template <Architecture To, class Criterion = L1Norm, Architecture From, class Scalar>
[[nodiscard]] Network<To, Scalar> prune_to(const Network<From, Scalar>& network) {
  static_assert(narrower_than<To, From>,
                "attar[E036]: prune_to goes to the same architecture with fewer channels; only the outputs of layers "
                "may differ, and none may be larger");
  static_assert(FilterCriterion<Criterion>, "attar[E034]: a criterion scores filters (L1Norm, L2Norm, Random<>)");
  Network<To, Scalar> narrow;
  if constexpr (narrower_than<To, From> && FilterCriterion<Criterion>) {
    const detail::ChannelChoice choice{From::program, To::program,
                                       detail::filter_scores<Criterion>(From::program, network.buffer())};
    detail::copy_channels<Scalar>(From::program, network.buffer(), To::program, narrow.buffer(), choice);
  }
  return narrow;
}

}  // namespace attar
