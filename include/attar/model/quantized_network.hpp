// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <attar/core/aligned_buffer.hpp>
#include <attar/core/dtype.hpp>
#include <attar/layers/op.hpp>
#include <attar/model/fold_batch_norm.hpp>
#include <attar/model/int8_model.hpp>
#include <attar/model/int8_scheme.hpp>
#include <attar/model/named_tensors.hpp>
#include <attar/model/program.hpp>

namespace attar {

namespace detail {

/// Places and sizes of a quantized network's buffers.
template <std::size_t Parameters>
struct Int8Layout {
  std::array<Int8Place, Parameters> places{};
  std::size_t weights = 0;
  std::size_t scales = 0;
  std::size_t floats = 0;
};

template <std::size_t Parameters>
constexpr Int8Layout<Parameters> int8_layout(const Program& program, bool per_channel) {
  Int8Layout<Parameters> layout;
  for (std::size_t i = 0; i < Parameters; ++i) {
    const Parameter& parameter = program.parameters[i];
    if (parameter.role == Role::weight) {
      layout.places[i] = {layout.weights, layout.scales};
      layout.weights += parameter.size;
      layout.scales += per_channel ? static_cast<std::size_t>(parameter.dims[0]) : 1;
    } else {
      layout.places[i] = {layout.floats, 0};
      layout.floats += parameter.size;
    }
  }
  return layout;
}

/// Bytes of a quantized network in a file, without the header: weights of 4 and 2 bits are packed there.
template <class Scheme, std::size_t Parameters>
constexpr std::size_t int8_bytes(const Program& program) {
  const auto layout = int8_layout<Parameters>(program, Scheme::per_channel);
  std::size_t bytes =
      sizeof(float) * (layout.scales + layout.floats) +
      (sizeof(float) + (Scheme::asymmetric ? 2 : 1)) * program.values.size();  // And signs, zero points.
  for (const Parameter& parameter : program.parameters) {
    if (parameter.role != Role::weight) continue;
    bytes += Scheme::packed_bits == 0 ? parameter.size : packed_size(parameter.size, Scheme::packed_bits);
  }
  return bytes;
}

}  // namespace detail

/// An architecture whose weights are integers of 8 bits or fewer: what `quantize` makes and `Engine` runs. `A` has its
/// batch normalizations folded already (`quantize_t` does that). A value, as `Network` is. In memory each weight has a
/// byte.
template <Architecture A, class SchemeType = Int8<>>
class QuantizedNetwork {
 public:
  using ArchitectureType = A;
  using Scheme = SchemeType;
  static constexpr const Program& program = A::program;
  /// For reports: what the network computes in.
  static constexpr std::string_view precision = "int8";
  /// Bytes of all tensors: what a file holds besides its header.
  static constexpr std::size_t bytes = detail::int8_bytes<Scheme, A::program.parameters.size()>(A::program);

  /// All weights zero and all scales one: to be filled by a file or by `quantize`.
  QuantizedNetwork() {
    weight_scales_.fill(1);
    activation_scales_.fill(1);
    for (std::size_t i = 0; i < A::program.parameters.size(); ++i) {
      if (A::program.parameters[i].role == Role::running_var) {
        for (float& variance : numbers(static_cast<int>(i))) variance = 1;
      }
    }
  }

  /// The quantized weights of parameter `index`, in PyTorch's order.
  [[nodiscard]] std::span<std::int8_t> weight(int index) {
    return weights_.span().subspan(place(index).numbers, A::program.parameter(index).size);
  }
  /// The scales of the weights of parameter `index`: one per output channel, or one.
  [[nodiscard]] std::span<float> weight_scales(int index) {
    const auto count = Scheme::per_channel ? static_cast<std::size_t>(A::program.parameter(index).dims[0]) : 1;
    return weight_scales_.span().subspan(place(index).scales, count);
  }
  /// Parameter `index`, one that is kept in float: a bias, or one of a norm that was not folded.
  [[nodiscard]] std::span<float> numbers(int index) {
    return floats_.span().subspan(place(index).numbers, A::program.parameter(index).size);
  }
  /// Scale and signedness (1 for s8, 0 for u8) of each value of the program.
  [[nodiscard]] std::span<float> activation_scales() { return activation_scales_.span(); }
  [[nodiscard]] std::span<std::uint8_t> signed_values() { return signed_values_.span(); }
  /// Its zero point; empty where the scheme is symmetric.
  [[nodiscard]] std::span<std::uint8_t> zero_points() { return zero_points_.span(); }

  /// The network as backends see it; valid as long as the network.
  [[nodiscard]] Int8Model model() const {
    return {A::program,
            layout.places,
            weights_.span(),
            weight_scales_.span(),
            floats_.span(),
            activation_scales_.span(),
            signed_values_.span(),
            Scheme::per_channel,
            zero_points_.span(),
            Scheme::weight_limit};
  }

  /// The tensors that a file holds, named as PyTorch names them: "0.weight" (s8), "0.weight_scale", "0.bias", ...,
  /// "activation_scale", "activation_signed" and, of an asymmetric scheme, "activation_zero_point".
  [[nodiscard, gnu::cold]] friend std::vector<NamedTensor<std::byte>> named_tensors(QuantizedNetwork& network) {
    std::vector<NamedTensor<std::byte>> list;
    const auto add = [&](std::string name, DType type, std::vector<std::int64_t> shape, auto numbers, int bits = 0) {
      list.push_back({std::move(name), type, std::move(shape), std::as_writable_bytes(numbers), bits});
    };
    for (std::size_t i = 0; i < A::program.parameters.size(); ++i) {
      const Parameter& parameter = A::program.parameters[i];
      const auto index = static_cast<int>(i);
      const std::string name{parameter.name.view()};
      const std::vector<std::int64_t> shape{parameter.dims.begin(), parameter.dims.begin() + parameter.rank};
      if (parameter.role == Role::weight) {
        const std::span<float> scales = network.weight_scales(index);
        add(name, DType::s8, shape, network.weight(index), Scheme::packed_bits);
        add(name + "_scale", DType::f32, {static_cast<std::int64_t>(scales.size())}, scales);
      } else {
        add(name, DType::f32, shape, network.numbers(index));
      }
    }
    const auto values = static_cast<std::int64_t>(A::program.values.size());
    add("activation_scale", DType::f32, {values}, network.activation_scales());
    add("activation_signed", DType::u8, {values}, network.signed_values());
    if (Scheme::asymmetric) add("activation_zero_point", DType::u8, {values}, network.zero_points());
    return list;
  }
  [[nodiscard, gnu::cold]] friend std::vector<NamedTensor<const std::byte>> named_tensors(
      const QuantizedNetwork& network) {
    std::vector<NamedTensor<const std::byte>> list;
    // The list only points at the numbers, and these pointers do not let anybody write.
    for (auto& tensor : named_tensors(const_cast<QuantizedNetwork&>(network))) {  // NOLINT
      list.push_back({std::move(tensor.name), tensor.dtype, std::move(tensor.shape), tensor.bytes, tensor.bits});
    }
    return list;
  }

 private:
  static constexpr auto layout = detail::int8_layout<A::program.parameters.size()>(A::program, Scheme::per_channel);

  [[nodiscard]] static const Int8Place& place(int index) { return layout.places[static_cast<std::size_t>(index)]; }

  AlignedBuffer<std::int8_t> weights_{layout.weights};
  AlignedBuffer<float> weight_scales_{layout.scales};
  AlignedBuffer<float> floats_{layout.floats};
  AlignedBuffer<float> activation_scales_{A::program.values.size()};
  AlignedBuffer<std::uint8_t> signed_values_{A::program.values.size()};
  AlignedBuffer<std::uint8_t> zero_points_{Scheme::asymmetric ? A::program.values.size() : 0};
};

/// What `quantize` makes of an architecture.
template <Architecture A, class Scheme>
using quantize_t = QuantizedNetwork<fold_batch_norm_t<A>, Scheme>;

namespace detail {

template <class Model>
inline constexpr bool is_quantized = false;
template <class A, class Scheme>
inline constexpr bool is_quantized<QuantizedNetwork<A, Scheme>> = true;

/// Whether `Quantized` is what `quantize` makes of a network of architecture `A`.
template <class Quantized, Architecture A>
inline constexpr bool is_quantized_from = false;
template <class Folded, class Scheme, Architecture A>
inline constexpr bool is_quantized_from<QuantizedNetwork<Folded, Scheme>, A> =
    std::is_same_v<Folded, fold_batch_norm_t<A>>;

}  // namespace detail
}  // namespace attar
