// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

#include <attar/core/error.hpp>
#include <attar/detail/whole_range.hpp>
#include <attar/layers/op.hpp>
#include <attar/model/fold_batch_norm.hpp>
#include <attar/model/network.hpp>

namespace attar {

namespace detail {

/// Two layers with weights where the second is all that reads the first, by way of operations that give s * f(x) for
/// s * x.
struct EqualizedPair {
  const Op* first;
  const Op* second;
  std::size_t columns;  ///< How many inputs of the second belong to a channel: the pixels that were flattened.
};

/// Whether scaling a channel before the operation is the same as scaling it afterwards, for positive factors.
[[nodiscard]] inline bool is_homogeneous(const Op& op) {
  if (op.kind == OpKind::activation) return op.activation == Activation::relu;
  return op.kind == OpKind::max_pool || op.kind == OpKind::avg_pool || op.kind == OpKind::global_avg_pool ||
         op.kind == OpKind::flatten || op.kind == OpKind::dropout;
}

[[nodiscard]] inline std::vector<EqualizedPair> equalized_pairs(const Program& program) {
  std::vector<EqualizedPair> pairs;
  for (const Op& first : program.ops) {
    if (first.kind != OpKind::conv2d && first.kind != OpKind::linear) continue;
    std::size_t columns = 1;
    const Op* next = sole_reader(program, first.output);
    while (next != nullptr && is_homogeneous(*next)) {
      if (next->kind == OpKind::flatten) columns = program.shape(next->operands[0]).pixels();
      next = sole_reader(program, next->output);
    }
    if (next != nullptr && is_product(*next)) pairs.push_back({&first, next, columns});
  }
  return pairs;
}

/// Calls `visit` with each part of the second layer's weights that reads `channel`.
template <class Scalar, class Visit>
void visit_readers(const Tensors<Scalar>& tensors, const EqualizedPair& pair, std::size_t channel, Visit&& visit) {
  const Op& op = *pair.second;
  const Parameter& parameter = tensors.program.parameter(op.weight);
  const std::span<Scalar> weight = tensors[op.weight];
  const auto outputs = static_cast<std::size_t>(parameter.dims[0]);
  const auto inputs = static_cast<std::size_t>(parameter.dims[1]);
  const std::size_t part = weight.size() / (outputs * inputs) * pair.columns;
  const std::size_t channels_of_group = inputs / pair.columns;
  const std::size_t outputs_of_group = outputs / static_cast<std::size_t>(op.groups);
  const std::size_t first = channel / channels_of_group * outputs_of_group;
  for (std::size_t output = first; output < first + outputs_of_group; ++output) {
    visit(weight.subspan(output * weight.size() / outputs + channel % channels_of_group * part, part));
  }
}

/// Makes the channels' ranges of a pair equal. Returns how far the factor that was farthest from 1 is from it.
template <class Scalar>
double equalize_pair(const Tensors<Scalar>& tensors, const EqualizedPair& pair) {
  const auto range_of = [](std::span<const Scalar> numbers) {
    double range = 0;
    for (const Scalar number : numbers) range = std::max(range, std::abs(static_cast<double>(number)));
    return range;
  };
  const auto multiply = [](std::span<Scalar> numbers, double factor) {
    for (Scalar& number : numbers) number = static_cast<Scalar>(static_cast<double>(number) * factor);
  };
  const std::span<Scalar> weight = tensors[pair.first->weight];
  const auto channels = static_cast<std::size_t>(tensors.program.parameter(pair.first->weight).dims[0]);
  const std::size_t filter = weight.size() / channels;
  double change = 0;
  for (std::size_t channel = 0; channel < channels; ++channel) {
    const double first = range_of(weight.subspan(channel * filter, filter));
    double second = 0;
    visit_readers(tensors, pair, channel, [&](std::span<Scalar> part) { second = std::max(second, range_of(part)); });
    if (first == 0 || second == 0) continue;  // A dead channel: nothing to gain.
    const double factor = std::sqrt(second / first);
    multiply(weight.subspan(channel * filter, filter), factor);
    if (pair.first->bias >= 0) multiply(tensors[pair.first->bias].subspan(channel, 1), factor);
    visit_readers(tensors, pair, channel, [&](std::span<Scalar> part) { multiply(part, 1 / factor); });
    change = std::max(change, std::abs(factor - 1));
  }
  return change;
}

}  // namespace detail

/// The same function with weights that one scale per tensor fits better: cross-layer equalization (Nagel et al.,
/// "Data-free quantization through weight equalization and bias correction", 2019, section 4.1). Where one layer is all
/// that reads another, each channel between them is multiplied by sqrt(r2 / r1) before and divided by it behind,
/// where r1 and r2 are its largest weights in both, until no factor is farther from 1 than 0.001 (or 1000 rounds).
///
/// Between the two may be ReLU, poolings, flattening and dropout, which let positive factors pass. Others do not
/// (ReLU6, HardSwish), nor does a value that is also summed or joined: those pairs stay as they are. Norms must be
/// folded:
///
///     const auto even = equalize(fold_batch_norm(network));
///     auto int8 = quantize<Int8<PerTensor>>(even, images);
///
/// Throws `Error` with `not_finite` where a parameter is NaN or infinity, naming the tensor.
template <Architecture A, class Scalar>
[[nodiscard]] Network<A, Scalar> equalize(Network<A, Scalar> network) {
  static_assert(std::is_same_v<A, fold_batch_norm_t<A>>,
                "attar[E132]: equalize takes a network whose norms are folded: equalize(fold_batch_norm(network))");
  for (std::size_t i = 0; i < A::program.parameters.size(); ++i) {
    const std::span<const Scalar> numbers = network.tensor(static_cast<int>(i));
    if (detail::all_of(numbers, [](Scalar x) { return std::isfinite(x); })) continue;
    raise(Error{ErrorCode::not_finite, std::string{A::program.parameters[i].name.view()}, "finite numbers",
                "NaN or infinity"});
  }
  const detail::Tensors<Scalar> tensors{A::program, network.buffer()};
  const std::vector<detail::EqualizedPair> pairs = detail::equalized_pairs(A::program);
  double change = 1;
  for (int round = 0; round < 1000 && change > 1e-3; ++round) {
    change = 0;
    for (const detail::EqualizedPair& pair : pairs) change = std::max(change, detail::equalize_pair(tensors, pair));
  }
  return network;
}

}  // namespace attar
