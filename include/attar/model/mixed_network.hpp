// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <attar/core/aligned_buffer.hpp>
#include <attar/core/dtype.hpp>
#include <attar/core/error.hpp>
#include <attar/detail/whole_range.hpp>
#include <attar/layers/op.hpp>
#include <attar/model/int8_scheme.hpp>
#include <attar/model/layer_precision.hpp>
#include <attar/model/mixed_model.hpp>
#include <attar/model/named_tensors.hpp>
#include <attar/model/network.hpp>
#include <attar/model/program.hpp>
#include <attar/model/quantized_network.hpp>

namespace attar {

namespace detail {

/// Per parameter of a program, the row of the layer that it belongs to.
template <std::size_t Parameters>
constexpr std::array<std::size_t, Parameters> rows_of_parameters(const Program& program) {
  std::array<std::size_t, Parameters> rows{};
  for (const Op& op : program.ops) {
    for (const int index : {op.weight, op.bias, op.running_mean, op.running_var}) {
      if (index >= 0) rows[static_cast<std::size_t>(index)] = static_cast<std::size_t>(op.layer);
    }
  }
  return rows;
}

}  // namespace detail

/// An architecture each of whose layers is int8, bf16 or fp32: what `mix`, `fall_back` and `fastest_mix` make and
/// `Engine` runs. `A` has its batch normalizations folded already. It holds the numbers of each layer in the layer's
/// precision only, so precisions are chosen when it is made. A value, as `Network` is.
template <Architecture A, class SchemeType = Int8<>>
class MixedNetwork {
 public:
  using ArchitectureType = A;
  using Scheme = SchemeType;
  static constexpr const Program& program = A::program;
  /// For reports: what the network computes in.
  static constexpr std::string_view precision = "mixed";

  /// All layers int8, all weights zero and all scales one: to be filled by a file.
  MixedNetwork() = default;

  /// Takes each layer from the network of its precision; `precisions` has one per row of the layer table, of which
  /// those of layers without weights do not count. Throws `Error` with `invalid_argument` for another number of them.
  MixedNetwork(const QuantizedNetwork<A, Scheme>& quantized, const Network<A>& folded,
               std::span<const LayerPrecision> precisions) {
    arrange(precisions);
    auto source = quantized;  // For its spans, which only a network that may change gives.
    for (std::size_t i = 0; i < A::program.parameters.size(); ++i) {
      const auto index = static_cast<int>(i);
      const std::span<const float> numbers = folded.tensor(index);
      if (of_parameter(i) != LayerPrecision::int8) {
        detail::copy(numbers, floats_.tensor(index).begin());
        if (is_half(i)) detail::transform(numbers, half(i).begin(), [](float x) { return bf16{x}; });
      } else if (A::program.parameters[i].role == Role::weight) {
        detail::copy(source.weight(index), int8_.weight(index).begin());
        detail::copy(source.weight_scales(index), int8_.weight_scales(index).begin());
      } else {
        detail::copy(source.numbers(index), int8_.numbers(index).begin());
      }
    }
    detail::copy(source.activation_scales(), int8_.activation_scales().begin());
    detail::copy(source.signed_values(), int8_.signed_values().begin());
    detail::copy(source.zero_points(), int8_.zero_points().begin());
    widen();
  }

  /// The precision of each row of the layer table.
  [[nodiscard]] std::span<const LayerPrecision> precisions() const noexcept { return precisions_; }
  /// The network as backends see it; valid as long as the network.
  [[nodiscard]] MixedModel model() const { return {int8_.model(), floats_.buffer(), precisions_}; }

  /// Bytes of all tensors: what a file holds besides its header.
  [[nodiscard]] std::size_t bytes() const {
    std::size_t sum = 0;
    for (const auto& tensor : named_tensors(*this)) sum += detail::stored_bytes(tensor);
    return sum;
  }

  /// The tensors that a file holds, each layer's in its precision: "0.weight" (s8, with "0.weight_scale", or bf16, or
  /// f32), "0.bias" (f32), ..., "activation_scale", "activation_signed", of an asymmetric scheme
  /// "activation_zero_point", and "precision", a number per row of the layer table (`LayerPrecision`).
  [[nodiscard, gnu::cold]] friend std::vector<NamedTensor<const std::byte>> named_tensors(const MixedNetwork& network) {
    std::vector<NamedTensor<const std::byte>> list;
    // The list only points at the numbers, and these pointers do not let anybody write.
    for (auto& tensor : const_cast<MixedNetwork&>(network).stored()) {  // NOLINT
      list.push_back({std::move(tensor.name), tensor.dtype, std::move(tensor.shape), tensor.bytes, tensor.bits});
    }
    return list;
  }

  /// For files: makes room for tensors of these precisions. Throws as the constructor does.
  void arrange(std::span<const LayerPrecision> precisions) {
    if (precisions.size() != precisions_.size()) {
      raise(Error{ErrorCode::invalid_argument, "precisions of layers", std::to_string(precisions_.size()) + " of them",
                  std::to_string(precisions.size())});
    }
    detail::copy(precisions, precisions_.begin());
    const bool halves = detail::find(precisions_, LayerPrecision::bf16) != precisions_.end();
    halves_ = AlignedBuffer<bf16>{halves ? A::program.buffer_size : 0};
  }
  /// For files: the same tensors as `named_tensors`, to be filled.
  [[nodiscard]] std::vector<NamedTensor<std::byte>> stored() {
    std::vector<NamedTensor<std::byte>> list = named_tensors(int8_);
    std::erase_if(list, [&](const auto& tensor) { return is_replaced(tensor.name); });
    for (std::size_t i = 0; i < A::program.parameters.size(); ++i) {
      if (of_parameter(i) == LayerPrecision::int8) continue;
      const Parameter& parameter = A::program.parameters[i];
      std::vector<std::int64_t> shape{parameter.dims.begin(), parameter.dims.begin() + parameter.rank};
      const auto bytes =
          is_half(i) ? std::as_writable_bytes(half(i)) : std::as_writable_bytes(floats_.tensor(static_cast<int>(i)));
      list.push_back(
          {std::string{parameter.name.view()}, is_half(i) ? DType::bf16 : DType::f32, std::move(shape), bytes});
    }
    list.push_back({"precision",
                    DType::u8,
                    {static_cast<std::int64_t>(precisions_.size())},
                    std::as_writable_bytes(std::span{precisions_})});
    return list;
  }
  /// For files: takes over tensors that were filled.
  void widen() {
    for (std::size_t i = 0; i < A::program.parameters.size(); ++i) {
      if (is_half(i)) detail::copy(half(i), floats_.tensor(static_cast<int>(i)).begin());
    }
  }

 private:
  static constexpr auto rows = detail::rows_of_parameters<A::program.parameters.size()>(A::program);

  [[nodiscard]] LayerPrecision of_parameter(std::size_t i) const { return precisions_[rows[i]]; }
  /// Whether a parameter is kept as bf16: the weights of layers in bf16, whose biases are added in float.
  [[nodiscard]] bool is_half(std::size_t i) const {
    return of_parameter(i) == LayerPrecision::bf16 && A::program.parameters[i].role == Role::weight;
  }
  [[nodiscard]] std::span<bf16> half(std::size_t i) {
    return halves_.span().subspan(A::program.parameters[i].offset, A::program.parameters[i].size);
  }
  /// Whether the int8 tensor of that name belongs to a layer that is not int8.
  [[nodiscard]] bool is_replaced(std::string_view name) const {
    for (std::size_t i = 0; i < A::program.parameters.size(); ++i) {
      if (of_parameter(i) == LayerPrecision::int8) continue;
      const std::string_view own = A::program.parameters[i].name.view();
      const bool scale = A::program.parameters[i].role == Role::weight && name == std::string{own} + "_scale";
      if (name == own || scale) return true;
    }
    return false;
  }

  QuantizedNetwork<A, Scheme> int8_;  ///< Of layers that are not int8, zeros.
  Network<A> floats_;                 ///< Of layers that are int8, zeros.
  AlignedBuffer<bf16> halves_;        ///< Laid out as the floats; empty where no layer is bf16.
  std::array<LayerPrecision, A::program.rows.size()> precisions_{};
};

}  // namespace attar
