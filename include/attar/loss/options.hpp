// SPDX-License-Identifier: MIT
#pragma once

#include <type_traits>

namespace attar {

namespace detail {

/// A number in a type.
template <int Numerator, int Denominator>
struct Ratio {
  static constexpr double value = static_cast<double>(Numerator) / Denominator;
  static constexpr double at(double /*progress*/) { return value; }
};

}  // namespace detail

/// The share of a term in an objective: `Weight<9, 10>` is 0.9. Default 1. A term of weight zero costs nothing.
template <int Numerator, int Denominator = 1>
struct Weight : detail::Ratio<Numerator, Denominator> {
  static_assert(Denominator > 0 && Numerator >= 0, "attar[E040]: a weight is a ratio of at least 0");
};

/// What logits are divided by before the softmax: `Temperature<4>`. Above 1 it evens the distribution out.
template <int Numerator, int Denominator = 1>
struct Temperature : detail::Ratio<Numerator, Denominator> {
  static_assert(Denominator > 0 && Numerator > 0, "attar[E041]: a temperature is a ratio above 0");
};

/// The part of a label's probability that is spread evenly over all classes (Szegedy et al., "Rethinking the Inception
/// architecture", 2016): `Smoothing<1, 10>` is 0.1. Default none.
template <int Numerator, int Denominator = 1>
struct Smoothing : detail::Ratio<Numerator, Denominator> {
  static_assert(Denominator > 0 && Numerator >= 0 && Numerator < Denominator,
                "attar[E042]: label smoothing is at least 0 and less than 1");
};

template <class From, class To>
struct Ramp;

namespace detail {

/// Whether an option is of a kind, such as `Weight`: one itself, or a `Ramp` of it.
template <template <int, int> class Kind, class Option>
inline constexpr bool is_kind = false;
template <template <int, int> class Kind, int N, int D>
inline constexpr bool is_kind<Kind, Kind<N, D>> = true;
template <template <int, int> class Kind, class From, class To>
inline constexpr bool is_kind<Kind, Ramp<From, To>> = is_kind<Kind, From>;

template <class Option>
inline constexpr bool is_weight = is_kind<Weight, Option>;
template <class Option>
inline constexpr bool is_temperature = is_kind<Temperature, Option>;
template <class Option>
inline constexpr bool is_smoothing = is_kind<Smoothing, Option>;

}  // namespace detail

/// A weight or a temperature that changes over training, linearly in the steps done: `Ramp<Temperature<8>,
/// Temperature<2>>`. It stands where the plain one would.
template <class From, class To>
struct Ramp {
  static_assert((detail::is_weight<From> && detail::is_weight<To>) ||
                    (detail::is_temperature<From> && detail::is_temperature<To>),
                "attar[E045]: a Ramp leads from one Weight to another, or from one Temperature to another");
  /// The value after the share `progress`, 0 to 1, of all steps.
  static constexpr double at(double progress) { return From::value + (To::value - From::value) * progress; }
};

namespace detail {

/// The value of the option of a kind at a point of training, `standard` where there is none.
template <template <int, int> class Kind, class... Options>
constexpr double value_at(double standard, [[maybe_unused]] double progress) {
  double value = standard;
  [[maybe_unused]] const auto read = [&]<class Option>(std::type_identity<Option>) {
    if constexpr (is_kind<Kind, Option>) value = Option::at(progress);
  };
  (read(std::type_identity<Options>{}), ...);
  return value;
}

/// The weight among a term's options at a point of training, 1 where there is none.
template <class... Options>
constexpr double weight_at(double progress) {
  return value_at<Weight, Options...>(1.0, progress);
}

/// Whether the weight is above zero at any point of training.
template <class... Options>
inline constexpr bool has_weight = weight_at<Options...>(0) > 0 || weight_at<Options...>(1) > 0;

/// The temperature among a term's options at a point of training, `standard` where there is none.
template <class... Options>
constexpr double temperature_at(double standard, double progress) {
  return value_at<Temperature, Options...>(standard, progress);
}

/// The label smoothing among a term's options, 0 where there is none.
template <class... Options>
consteval double smoothing_of() {
  return value_at<Smoothing, Options...>(0.0, 0.0);
}

}  // namespace detail
}  // namespace attar
