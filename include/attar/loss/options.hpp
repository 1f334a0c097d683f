// SPDX-License-Identifier: MIT
#pragma once

#include <type_traits>

namespace attar {

/// The share of a term in an objective: `Weight<9, 10>` is 0.9. Default 1. A term of weight zero costs nothing.
template <int Numerator, int Denominator = 1>
struct Weight {
  static_assert(Denominator > 0 && Numerator >= 0, "attar[E040]: a weight is a ratio of at least 0");
  static constexpr double value = static_cast<double>(Numerator) / Denominator;
};

/// What logits are divided by before the softmax: `Temperature<4>`. Above 1 it evens the distribution out.
template <int Numerator, int Denominator = 1>
struct Temperature {
  static_assert(Denominator > 0 && Numerator > 0, "attar[E041]: a temperature is a ratio above 0");
  static constexpr double value = static_cast<double>(Numerator) / Denominator;
};

/// The part of a label's probability that is spread evenly over all classes (Szegedy et al., "Rethinking the Inception
/// architecture", 2016): `Smoothing<1, 10>` is 0.1. Default none.
template <int Numerator, int Denominator = 1>
struct Smoothing {
  static_assert(Denominator > 0 && Numerator >= 0 && Numerator < Denominator,
                "attar[E042]: label smoothing is at least 0 and less than 1");
  static constexpr double value = static_cast<double>(Numerator) / Denominator;
};

namespace detail {

template <class Option>
inline constexpr bool is_weight = false;
template <int N, int D>
inline constexpr bool is_weight<Weight<N, D>> = true;
template <class Option>
inline constexpr bool is_temperature = false;
template <int N, int D>
inline constexpr bool is_temperature<Temperature<N, D>> = true;
template <class Option>
inline constexpr bool is_smoothing = false;
template <int N, int D>
inline constexpr bool is_smoothing<Smoothing<N, D>> = true;

/// The weight among a term's options, 1 where there is none.
template <class... Options>
consteval double weight_of() {
  double weight = 1.0;
  [[maybe_unused]] const auto read = [&]<class Option>(std::type_identity<Option>) {
    if constexpr (is_weight<Option>) weight = Option::value;
  };
  (read(std::type_identity<Options>{}), ...);
  return weight;
}

/// The temperature among a term's options, `standard` where there is none.
template <class... Options>
consteval double temperature_of(double standard) {
  double temperature = standard;
  [[maybe_unused]] const auto read = [&]<class Option>(std::type_identity<Option>) {
    if constexpr (is_temperature<Option>) temperature = Option::value;
  };
  (read(std::type_identity<Options>{}), ...);
  return temperature;
}

/// The label smoothing among a term's options, 0 where there is none.
template <class... Options>
consteval double smoothing_of() {
  double smoothing = 0.0;
  [[maybe_unused]] const auto read = [&]<class Option>(std::type_identity<Option>) {
    if constexpr (is_smoothing<Option>) smoothing = Option::value;
  };
  (read(std::type_identity<Options>{}), ...);
  return smoothing;
}

}  // namespace detail
}  // namespace attar
