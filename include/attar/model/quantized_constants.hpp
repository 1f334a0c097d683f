// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include <attar/detail/constant_checksum.hpp>  // IWYU pragma: export
#include <attar/detail/constant_words.hpp>
#include <attar/model/int8_model.hpp>
#include <attar/model/int8_scheme.hpp>
#include <attar/model/program.hpp>
#include <attar/model/quantized_network.hpp>

namespace attar {

/// A quantized network that is compiled into the program: a view of the constant arrays in a header that
/// `write_constants` wrote. `Engine` takes it as it takes the `QuantizedNetwork`.
///
///     #include "student.hpp"
///     const Engine engine{student::network};
template <Architecture A, class SchemeType = Int8<>>
class QuantizedConstants {
  static constexpr auto layout = detail::int8_layout<A::program.parameters.size()>(A::program, SchemeType::per_channel);
  static constexpr std::size_t values = A::program.values.size();
  using Values = const std::uint8_t (&)[values];

 public:
  using ArchitectureType = A;
  using Scheme = SchemeType;
  static constexpr const Program& program = A::program;
  /// For reports: what the network computes in.
  static constexpr std::string_view precision = "int8";
  /// Bytes of the numbers.
  static constexpr std::size_t bytes = QuantizedNetwork<A, Scheme>::bytes;

  /// Arrays of static storage, laid out as `Int8Model` says; the weights are eight to a word, the first in the lowest
  /// byte. Arrays of another architecture have other lengths, and do not fit. Zero points are for asymmetric schemes.
  constexpr QuantizedConstants(const std::uint64_t (&weights)[detail::constant_words(layout.weights)],
                               const float (&weight_scales)[detail::constant_length(layout.scales)],
                               const float (&floats)[detail::constant_length(layout.floats)],
                               const float (&activation_scales)[values], Values signed_values) noexcept
    requires(!Scheme::asymmetric)
      : weights_{weights},
        weight_scales_{weight_scales},
        floats_{floats},
        activation_scales_{activation_scales},
        signed_values_{signed_values} {}
  constexpr QuantizedConstants(const std::uint64_t (&weights)[detail::constant_words(layout.weights)],
                               const float (&weight_scales)[detail::constant_length(layout.scales)],
                               const float (&floats)[detail::constant_length(layout.floats)],
                               const float (&activation_scales)[values], Values signed_values,
                               Values zero_points) noexcept
    requires Scheme::asymmetric
      : weights_{weights},
        weight_scales_{weight_scales},
        floats_{floats},
        activation_scales_{activation_scales},
        signed_values_{signed_values},
        zero_points_{zero_points} {}

  /// The network as backends see it: the arrays themselves.
  [[nodiscard]] Int8Model model() const noexcept {
    return {A::program,
            layout.places,
            {reinterpret_cast<const std::int8_t*>(weights_), layout.weights},
            {weight_scales_, layout.scales},
            {floats_, layout.floats},
            {activation_scales_, values},
            {signed_values_, values},
            Scheme::per_channel,
            {zero_points_, zero_points_ == nullptr ? 0 : values},
            Scheme::weight_limit};
  }

 private:
  const std::uint64_t* weights_;
  const float* weight_scales_;
  const float* floats_;
  const float* activation_scales_;
  const std::uint8_t* signed_values_;
  const std::uint8_t* zero_points_ = nullptr;  ///< Or null.
};

}  // namespace attar
