// SPDX-License-Identifier: MIT
#pragma once

#include <type_traits>

#include <attar/detail/first_option.hpp>

namespace attar {

/// A scale per output channel of the weights: the default, and more accurate.
struct PerChannel {};

/// One scale for a whole weight tensor.
struct PerTensor {};

/// Activations around 0, the default: u8 where they cannot be negative, else s8. Half of s8 is lost on numbers of which
/// few are negative, as a `HardSwish` gives.
struct Symmetric {};

/// Activations from the least number to the greatest: u8 with a scale and a zero point, the byte that stands for 0.
struct Asymmetric {};

/// How many bits of a byte weights use, sign included; default 8. CPUs without VNNI instructions add pairs of products
/// in 16 bits, which overflow with 8-bit weights: `WeightBits<7>` fits, so that such a model is fast everywhere, and of
/// `WeightBits<6>` two pairs fit, which is faster still. A model of 8 bits gives the same numbers on those CPUs, by
/// slower kernels. `WeightBits<4>` (-7 to 7) and `WeightBits<2>` (-1, 0, 1) are for the size of the file, which packs
/// them; they run at the speed of 6 bits. With VNNI, and on Arm, all take the same time.
template <int Bits>
struct WeightBits {
  static_assert(Bits == 2 || Bits == 4 || Bits == 6 || Bits == 7 || Bits == 8,
                "attar[E060]: WeightBits is 8, 7 or 6 for speed on CPUs without VNNI, or 4 or 2 for small files too");
  static constexpr int bits = Bits;
  static constexpr int limit = (1 << (Bits - 1)) - 1;
};

struct MinMax;   // Defined in quantize/min_max.hpp.
struct Entropy;  // Defined in quantize/entropy.hpp.

namespace detail {

template <class Option>
inline constexpr bool is_granularity = std::is_same_v<Option, PerChannel> || std::is_same_v<Option, PerTensor>;
template <class Option>
inline constexpr bool is_symmetry = std::is_same_v<Option, Symmetric> || std::is_same_v<Option, Asymmetric>;
template <class Option>
inline constexpr bool is_weight_bits = false;
template <int Bits>
inline constexpr bool is_weight_bits<WeightBits<Bits>> = true;

template <class Option>
struct IsGranularity : std::bool_constant<is_granularity<Option>> {};
template <class Option>
struct IsSymmetry : std::bool_constant<is_symmetry<Option>> {};
template <class Option>
struct IsWeightBits : std::bool_constant<is_weight_bits<Option>> {};
template <class Option>
struct IsCalibrator : std::bool_constant<!is_granularity<Option> && !is_symmetry<Option> && !is_weight_bits<Option>> {};

}  // namespace detail

/// A quantization scheme: weights s8, symmetric, in [-127, 127]; activations one scale per feature map, u8 where they
/// cannot be negative (behind a ReLU), else s8, or u8 with a zero point. Options in any order: `PerChannel` or
/// `PerTensor`, `Symmetric` or `Asymmetric`, a calibrator (`MinMax`, `MovingAverage`, `Percentile`, `Entropy`,
/// `SquaredError`, `Aciq`, or one of your own), `WeightBits<7>` (or 6, 4 or 2).
///
///     quantize<Int8<PerChannel, Entropy>>(network, data)
template <class... Options>
struct Int8 {
  static_assert((0 + ... + int{detail::is_granularity<Options>}) <= 1 &&
                    (0 + ... + int{detail::is_symmetry<Options>}) <= 1 &&
                    (0 + ... + int{detail::is_weight_bits<Options>}) <= 1 &&
                    (0 + ... + int{detail::IsCalibrator<Options>::value}) <= 1,
                "attar[E061]: Int8 takes at most one granularity, one of Symmetric and Asymmetric, one calibrator and "
                "one WeightBits");

  using Granularity = typename detail::FirstOption<detail::IsGranularity, PerChannel, Options...>::type;
  using Calibrator = typename detail::FirstOption<detail::IsCalibrator, MinMax, Options...>::type;
  static constexpr bool per_channel = std::is_same_v<Granularity, PerChannel>;
  using Symmetry = typename detail::FirstOption<detail::IsSymmetry, Symmetric, Options...>::type;
  /// Whether activations have zero points.
  static constexpr bool asymmetric = std::is_same_v<Symmetry, Asymmetric>;
  using Bits = typename detail::FirstOption<detail::IsWeightBits, WeightBits<8>, Options...>::type;
  /// The largest quantized weight.
  static constexpr int weight_limit = Bits::limit;
  /// The bits of a weight in a file that packs several into a byte, else 0.
  static constexpr int packed_bits = Bits::bits <= 4 ? Bits::bits : 0;
};

}  // namespace attar
