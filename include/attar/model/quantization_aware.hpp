// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include <attar/core/error.hpp>
#include <attar/core/shape.hpp>
#include <attar/detail/whole_range.hpp>
#include <attar/layers/op.hpp>
#include <attar/model/fold_batch_norm.hpp>
#include <attar/model/int8_scheme.hpp>
#include <attar/model/int8_simulation.hpp>
#include <attar/model/network.hpp>
#include <attar/model/program.hpp>
#include <attar/model/quantized_network.hpp>
#include <attar/model/quantizers.hpp>
#include <attar/model/sequential.hpp>

namespace attar {

/// Quantizers that only round: limits of activations stay as calibrated, those of weights are what `quantize` takes
/// for the weights of every step (the largest magnitude; with 4 bits and fewer the limit of least squared error), and
/// gradients pass as if nothing had been rounded, but for activations that are clipped (Bengio et al. 2013; Jacob et
/// al., "Quantization and training of neural networks for efficient integer-arithmetic-only inference", CVPR 2018; for
/// 2 bits Li et al., "Ternary weight networks", 2016).
struct StraightThrough {
  static constexpr LimitRule weights = LimitRule::follow;
  static constexpr LimitRule activations = LimitRule::keep;
};

/// All steps are learned, of weights and activations (Esser et al., "Learned step size quantization", ICLR 2020: LSQ);
/// and the offsets of activations with zero points (LSQ+, see `QuantizationAware`).
struct LearnedStep {
  static constexpr LimitRule weights = LimitRule::learn;
  static constexpr LimitRule activations = LimitRule::learn;
};

/// Activations learn where they are clipped, from the clipped numbers alone (Choi et al., "PACT: parameterized clipping
/// activation for quantized neural networks", 2018); weights as with `StraightThrough`. With zero points each end of a
/// range learns from what is clipped there, as the paper's only end does.
struct Pact {
  static constexpr LimitRule weights = LimitRule::follow;
  static constexpr LimitRule activations = LimitRule::learn_clip;
};

/// What a rule of quantization-aware training says: `StraightThrough`, `LearnedStep`, `Pact`, or one of your own.
template <class R>
concept QuantizationRule = requires {
  { R::weights } -> std::convertible_to<LimitRule>;
  { R::activations } -> std::convertible_to<LimitRule>;
};

namespace detail {

/// The parameters of a quantization-aware program: those of `program`, then the limits.
template <std::size_t Parameters, std::size_t Weights>
struct AwareTables {
  std::array<Parameter, Parameters + Weights + 2> parameters{};
  std::array<int, Parameters + Weights + 2> weight_limits{};
  BufferSizes sizes{};
  std::uint64_t fingerprint = 0;
};

/// Whether limits are parameters that the optimizer changes.
constexpr Role role_of(LimitRule rule) {
  return rule == LimitRule::learn || rule == LimitRule::learn_clip ? Role::limit : Role::fixed_limit;
}

constexpr std::size_t count_weights(const Program& program) {
  std::size_t count = 0;
  for (const Parameter& parameter : program.parameters) count += parameter.role == Role::weight ? 1 : 0;
  return count;
}

/// `last` is the number of the last parameter: signs or offsets, with the limits of activations before it.
template <class Scheme, class Rule>
constexpr Int8Simulation simulation_of(int last, std::span<const int> weight_limits) {
  return {.weight_limit = Scheme::weight_limit,
          .per_channel = Scheme::per_channel,
          .weights = Rule::weights,
          .activations = Rule::activations,
          .weight_limits = weight_limits,
          .activation_limits = last - 1,
          .activation_signs = Scheme::asymmetric ? -1 : last,
          .activation_offsets = Scheme::asymmetric ? last : -1};
}

template <std::size_t Parameters, std::size_t Weights>
constexpr AwareTables<Parameters, Weights> aware_tables(const Program& program, const Int8Simulation& rule) {
  AwareTables<Parameters, Weights> tables;
  std::copy(program.parameters.begin(), program.parameters.end(), tables.parameters.begin());
  tables.weight_limits.fill(-1);
  std::size_t next = Parameters;
  const auto add = [&](Name name, Role role, std::size_t size) {
    tables.parameters[next++] = {.name = name, .role = role, .dims = {static_cast<int>(size)}, .rank = 1, .size = size};
  };
  for (std::size_t i = 0; i < Parameters; ++i) {
    const Parameter& weight = program.parameters[i];
    if (weight.role != Role::weight) continue;
    tables.weight_limits[i] = static_cast<int>(next);
    Name name = weight.name;
    name.append("_limit");
    add(name, role_of(rule.weights), rule.per_channel ? static_cast<std::size_t>(weight.dims[0]) : 1);
  }
  add(Name{"activation_limit"}, role_of(rule.activations), program.values.size());
  if (rule.activation_offsets < 0) {
    add(Name{"activation_signed"}, Role::fixed_limit, program.values.size());
  } else {
    add(Name{"activation_offset"}, role_of(rule.activations), program.values.size());
  }
  tables.sizes = place_parameters(tables.parameters);
  Fingerprint hash;
  hash.add(program.fingerprint);
  hash.add(std::string_view{"quantization aware"});
  hash.add(rule.weight_limit);
  hash.add(rule.per_channel ? 1 : 0);
  hash.add(static_cast<int>(rule.weights));
  hash.add(static_cast<int>(rule.activations));
  if (rule.activation_offsets >= 0) hash.add(std::string_view{"zero points"});
  tables.fingerprint = hash.value();
  return tables;
}

}  // namespace detail

/// An architecture that is trained as what it will be: its operations compute, to the last bit, what the int8 network
/// of `A` computes, and gradients pass as `Rule` says. The numbers of a `Network<QuantizationAware<...>>` are those of
/// `A` plus, as further parameters, the limits of all quantizers: "0.weight_limit" (one per output channel, or one) and
/// "activation_limit" (one per value of the program); and "activation_signed". A limit is a step times the largest
/// integer, a number of the size of what is quantized, so that any optimizer moves it at a sensible rate. With
/// `Asymmetric` all activations are u8, and instead of signs there is an "activation_offset", the number at most 0 that
/// byte 0 stands for, so that a value's range is [offset, offset + limit]; it is learned where limits are (Bhalgat et
/// al., "LSQ+: Improving low-bit quantization through learnable offsets and better initialization", CVPR Workshops
/// 2020). The zero point is round(-offset / step). Of a value that is never negative the offset is 0.
///
/// `A` has its batch normalizations folded already (`quantization_aware_t` does that). Those that cannot be folded, as
/// DenseNet's, are a factor and a shift per channel: their statistics stay, the rest is trained. Dropout does nothing.
template <Architecture A, class SchemeType = Int8<>, QuantizationRule RuleType = StraightThrough>
struct QuantizationAware {
  static_assert(A::program.simulation == nullptr, "attar[E140]: this architecture is quantization-aware already");
  static_assert(
      requires { SchemeType::weight_limit; },
      "attar[E143]: quantization_aware takes a scheme such as Int8<PerChannel>, and then a rule");

  using InputLayer = typename A::InputLayer;
  using Body = typename A::Body;
  using Folded = A;
  using Scheme = SchemeType;
  using Rule = RuleType;

 private:
  static constexpr std::size_t parameters = A::program.parameters.size();
  static constexpr std::size_t weights = detail::count_weights(A::program);
  static constexpr int last = static_cast<int>(parameters + weights + 1);
  static constexpr auto tables =
      detail::aware_tables<parameters, weights>(A::program, detail::simulation_of<Scheme, Rule>(last, {}));
  static constexpr Int8Simulation simulation = detail::simulation_of<Scheme, Rule>(last, tables.weight_limits);

 public:
  static constexpr Program program{A::program.ops,   A::program.values,  tables.parameters,
                                   A::program.rows,  A::program.output,  tables.sizes.trainable,
                                   tables.sizes.all, tables.fingerprint, &simulation};
  static constexpr Shape input_shape = A::input_shape;
  static constexpr Shape output_shape = A::output_shape;
};

namespace detail {

template <class NetworkType>
inline constexpr bool is_quantization_aware = false;
template <class A, class Scheme, class Rule>
inline constexpr bool is_quantization_aware<Network<QuantizationAware<A, Scheme, Rule>>> = true;

}  // namespace detail

/// What `quantization_aware` makes of an architecture.
template <Architecture A, class Scheme, class Rule>
using quantization_aware_t = QuantizationAware<fold_batch_norm_t<A>, Scheme, Rule>;

/// The int8 network that a quantization-aware one simulates: the same numbers, bit by bit. Throws `Error` with
/// `not_finite` for weights, biases or limits that are NaN or infinite.
template <Architecture A, class Scheme, class Rule>
[[nodiscard]] QuantizedNetwork<A, Scheme> simulated(const Network<QuantizationAware<A, Scheme, Rule>>& network) {
  Network<QuantizationAware<A, Scheme, Rule>> current = network;
  for (const Parameter& parameter : current.program.parameters) {
    const auto tensor = current.buffer().subspan(parameter.offset, parameter.size);
    if (detail::all_of(tensor, [](float x) { return std::isfinite(x); })) continue;
    raise(Error{ErrorCode::not_finite, std::string{parameter.name.view()}, "finite numbers", "NaN or infinity"});
  }
  detail::Quantizers quantizers{current.program};
  quantizers.update(current.buffer());
  QuantizedNetwork<A, Scheme> result;
  for (std::size_t i = 0; i < A::program.parameters.size(); ++i) {
    const auto index = static_cast<int>(i);
    if (A::program.parameters[i].role == Role::weight) {
      detail::copy(quantizers.model().weight(index), result.weight(index).begin());
      detail::copy(quantizers.weight_steps(index), result.weight_scales(index).begin());
    } else {
      detail::copy(current.tensor(index), result.numbers(index).begin());
    }
  }
  detail::copy(quantizers.scales(), result.activation_scales().begin());
  detail::copy(quantizers.signed_values(), result.signed_values().begin());
  detail::copy(quantizers.zero_points(), result.zero_points().begin());
  return result;
}

}  // namespace attar
