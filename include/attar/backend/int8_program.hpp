// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include <attar/core/shape.hpp>
#include <attar/layers/op.hpp>

/// What an int8 inference computes, step by step, to the last bit. Every backend takes its multipliers from here and
/// follows this order, so that all of them agree exactly.
///
/// Quantized values q stand for (q - zero point) * scale. A step first finds y, its result divided by the result's
/// scale, in float:
///
///     conv2d, linear   y = float(sum of products in 32-bit integers) * multiplier[c] + offset[c]
///     batch_norm       y = q * multiplier[c] + offset[c]
///     add              y = q0 * operand_multiplier[0] + q1 * operand_multiplier[1] + offset[0]
///     scale            y = float((q0 - zero point 0) * (q1 - zero point 1)) * operand_multiplier[0] + offset[0]
///     concat           y = q * operand_multiplier[k] + offset[k]
///     global_avg_pool  y = float(sum) * operand_multiplier[0] + offset[0]
///     avg_pool         y = float(sum) * operand_multiplier[0] + offset[0]
///     activation       y = f((q - zero point) * scale of q) / scale of the result + its zero point, in double
///
/// then adds `residual` * residual_multiplier, applies the activation, adds `result_zero`, saturates to u8 or s8 and
/// rounds to nearest, ties to even. Products and sums round separately (no fused multiply-add): with oneDNN by its
/// order of instructions, in our own kernels because the products are exact, no sum follows or it is asked for.
/// `max_pool` and `flatten` move numbers.
///
/// Sums are those of the numbers as they are, without regard to zero points: what these add to a sum is known
/// beforehand and taken off by `offset`, for which padding counts as the zero point. So kernels are the same with zero
/// points and without. (Sums beyond 2^24 round in float; with a grid of 255 steps that is thousandths of a step.) The
/// result's zero point is in `offset` too, but for a hard swish, behind which it is added; other activations give no
/// negative numbers, and have none.
namespace attar::detail {

/// What an activation is in terms of y.
enum class Int8Activation {
  none,
  clip,        ///< min(max(y, 0), limit)
  hard_swish,  ///< y * min(max(y * slope + 0.5, 0), 1) in conv2d and linear; else y * min(max((y + shift) * slope, 0),
               ///< 1)
};

/// One operation of an int8 inference, with all that its arithmetic needs.
struct Int8Op {
  Op op{};
  Shape in{};
  Shape out{};
  std::array<bool, max_operands> signed_operands{};
  std::array<int, max_operands> operand_channels{};
  std::array<int, max_operands> zero_points{};  ///< Of the operands; padding is filled with the first.
  bool signed_residual = false;
  bool signed_output = false;
  bool float_output = false;  ///< The result is y itself, a float: logits are not rounded.

  std::vector<float> multiplier;
  std::vector<float> offset;
  /// Of conv2d and linear: what the operand's zero point adds to the sums of each channel, which `offset` takes off.
  /// Empty: nothing. Training, whose operands are numbers without zero points, adds it.
  std::vector<float> zero_sums;
  std::array<float, max_operands> operand_multipliers{};
  float residual_multiplier = 0;
  Int8Activation activation = Int8Activation::none;
  float limit = 0;
  float slope = 0;
  float shift = 0;
  float result_zero = 0;                 ///< What is added behind the activation.
  std::array<std::int8_t, 256> table{};  ///< Of an `activation` step: the result's byte for every byte.
};

/// Rounded to 16 significant bits: its product with a quantized value is then exact in float, so that it makes no
/// difference whether a compiler fuses it with the sum behind it.
[[nodiscard]] inline float short_multiplier(double value) {
  constexpr int dropped = std::numeric_limits<double>::digits - 16;
  auto bits = std::bit_cast<std::uint64_t>(value);
  bits += (std::uint64_t{1} << (dropped - 1)) - 1 + (bits >> dropped & 1);  // To nearest, ties to even.
  return static_cast<float>(std::bit_cast<double>(bits >> dropped << dropped));
}

/// Saturates and rounds y.
[[nodiscard]] inline int requantize(double y, bool is_signed) {
  const double low = is_signed ? -128 : 0;
  const double high = is_signed ? 127 : 255;
  constexpr double magic = 0x1.8p52;  // The lowest bit of the sum counts ones.
  return static_cast<int>((y < low ? low : (y > high ? high : y)) + magic - magic);
}

/// The byte that holds `q`, and back.
[[nodiscard]] inline std::int8_t byte_of(int q) {
  return static_cast<std::int8_t>(static_cast<std::uint8_t>(q));
}
[[nodiscard]] inline int number_of(std::int8_t byte, bool is_signed) {
  return is_signed ? int{byte} : int{static_cast<std::uint8_t>(byte)};
}

/// The function of an activation, in double.
[[nodiscard]] inline double exact_activation(Activation function, double x) {
  const auto six = [](double value) { return value < 0 ? 0 : (value > 6 ? 6 : value); };
  switch (function) {
    case Activation::none:
      break;
    case Activation::relu:
      return x < 0 ? 0 : x;
    case Activation::relu6:
      return six(x);
    case Activation::hard_swish:
      return x * six(x + 3) / 6;
    case Activation::hard_sigmoid:
      return six(x + 3) / 6;
  }
  return x;
}

/// Whether an operation gives the network's result as floats: logits are not rounded.
[[nodiscard]] constexpr bool gives_floats(const Op& op, int output) {
  return op.output == output && op.residual < 0 && is_product(op);
}

}  // namespace attar::detail
