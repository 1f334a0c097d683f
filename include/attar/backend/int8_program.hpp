// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include <attar/core/error.hpp>
#include <attar/core/shape.hpp>
#include <attar/layers/op.hpp>
#include <attar/model/fuse.hpp>
#include <attar/model/int8_model.hpp>

/// What an int8 inference computes, step by step, to the last bit. Every backend takes its multipliers from here and
/// follows this order, so that all of them agree exactly.
///
/// Quantized values q stand for q * scale. A step first finds y, its result divided by the result's scale, in float:
///
///     conv2d, linear   y = float(sum of products in 32-bit integers) * multiplier[c] + offset[c]
///     batch_norm       y = q * multiplier[c] + offset[c]
///     add              y = q0 * operand_multiplier[0] + q1 * operand_multiplier[1] + offset[0]
///     scale            y = float(q0 * q1) * operand_multiplier[0]
///     concat           y = q * operand_multiplier[k]
///     global_avg_pool  y = float(sum) * operand_multiplier[0]
///     avg_pool         y = float(sum) * operand_multiplier[0]
///     activation       y = f(q * scale of q) / scale of the result, in double
///
/// then adds `residual` * residual_multiplier, applies the activation, saturates to u8 or s8 and rounds to nearest,
/// ties to even. Products and sums round separately (no fused multiply-add): with oneDNN by its order of instructions,
/// in our own kernels because the products are exact or no sum follows. `max_pool` and `flatten` move numbers.
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
  bool signed_residual = false;
  bool signed_output = false;
  bool float_output = false;  ///< The result is y itself, a float: logits are not rounded.

  std::vector<float> multiplier;
  std::vector<float> offset;
  std::array<float, max_operands> operand_multipliers{};
  float residual_multiplier = 0;
  Int8Activation activation = Int8Activation::none;
  float limit = 0;
  float slope = 0;
  float shift = 0;
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

/// Works out the arithmetic of the operations of a fused program.
class Int8Preparer {
 public:
  Int8Preparer(const Int8Model& model, const FusedProgram& fused) : model_{model}, output_{fused.output} {}

  /// Throws `Error` with `invalid_data` for a pooling or flattening that would have to change the scale.
  [[nodiscard]] Int8Op prepare(const Op& op) const {
    if (op.kind == OpKind::max_pool || op.kind == OpKind::flatten) require_same_scale(op);
    Int8Op result;
    result.op = op;
    result.in = model_.program.shape(op.operands[0]);
    result.out = model_.program.shape(op.output);
    for (std::size_t k = 0; k < static_cast<std::size_t>(op.operand_count); ++k) {
      result.signed_operands[k] = model_.is_signed(op.operands[k]);
      result.operand_channels[k] = model_.program.shape(op.operands[k]).channels;
    }
    if (op.residual >= 0) result.signed_residual = model_.is_signed(op.residual);
    result.signed_output = model_.is_signed(op.output);
    result.float_output = gives_floats(op, output_);
    const double scale = result.float_output ? 1.0 : double{model_.activation_scale(op.output)};
    set_multipliers(result, scale);
    if (op.kind == OpKind::activation) {
      set_table(result, scale);
    } else {
      set_activation(result, scale);
    }
    return result;
  }

 private:
  void require_same_scale(const Op& op) const {
    const int from = op.operands[0];
    const bool same = model_.activation_scale(from) == model_.activation_scale(op.output) &&
                      model_.is_signed(from) == model_.is_signed(op.output);
    if (same) return;
    raise(Error{ErrorCode::invalid_data, "int8 model, activation_scale[" + std::to_string(op.output) + "]",
                "that of the value that is pooled or flattened", "another"});
  }

  [[nodiscard]] double operand_scale(const Op& op, std::size_t k) const {
    return double{model_.activation_scale(op.operands[k])};
  }

  void set_multipliers(Int8Op& result, double scale) const {
    const Op& op = result.op;
    // The hard sigmoid (x + 3) / 6 is a clip behind other multipliers.
    const bool sigmoid = op.activation == Activation::hard_sigmoid && op.kind != OpKind::activation;
    const double factor = sigmoid ? 1.0 / 6 : 1.0;
    const double shift = sigmoid ? 0.5 / scale : 0.0;
    if (op.residual >= 0) {
      result.residual_multiplier = short_multiplier(double{model_.activation_scale(op.residual)} * factor / scale);
    }
    const auto per_channel = [&](auto&& multiplier, auto&& offset, bool exact) {
      for (int c = 0; c < result.out.channels; ++c) {
        const double m = multiplier(c) * factor / scale;
        result.multiplier.push_back(exact ? short_multiplier(m) : static_cast<float>(m));
        result.offset.push_back(static_cast<float>(offset(c) * factor / scale + shift));
      }
    };
    const auto number = [&](int index, int c) {
      return index < 0 ? 0.0 : double{model_.numbers(index)[static_cast<std::size_t>(c)]};
    };
    switch (op.kind) {
      case OpKind::conv2d:
      case OpKind::linear:
        per_channel([&](int c) { return operand_scale(op, 0) * double{model_.weight_scale(op.weight, c)}; },
                    [&](int c) { return number(op.bias, c); }, false);
        break;
      case OpKind::batch_norm: {
        const auto gain = [&](int c) {
          return number(op.weight, c) / std::sqrt(number(op.running_var, c) + op.epsilon);
        };
        per_channel([&](int c) { return operand_scale(op, 0) * gain(c); },
                    [&](int c) { return number(op.bias, c) - number(op.running_mean, c) * gain(c); }, true);
        break;
      }
      case OpKind::scale:
        result.operand_multipliers[0] = static_cast<float>(operand_scale(op, 0) * operand_scale(op, 1) / scale);
        break;
      case OpKind::global_avg_pool:
        result.operand_multipliers[0] =
            static_cast<float>(operand_scale(op, 0) / (scale * static_cast<double>(result.in.pixels())));
        break;
      case OpKind::avg_pool:
        result.operand_multipliers[0] =
            static_cast<float>(operand_scale(op, 0) / (scale * op.window.kernel.height * op.window.kernel.width));
        break;
      default:
        result.offset.assign(1, static_cast<float>(shift));
        for (std::size_t k = 0; k < static_cast<std::size_t>(op.operand_count); ++k) {
          result.operand_multipliers[k] = short_multiplier(operand_scale(op, k) * factor / scale);
        }
    }
  }

  static void set_activation(Int8Op& result, double scale) {
    switch (result.op.activation) {
      case Activation::none:
        return;
      case Activation::relu:
        set_clip(result, std::numeric_limits<double>::infinity());
        return;
      case Activation::relu6:
        set_clip(result, 6 / scale);
        return;
      case Activation::hard_sigmoid:
        set_clip(result, 1 / scale);
        return;
      case Activation::hard_swish:
        result.activation = Int8Activation::hard_swish;
        result.slope = static_cast<float>(scale / 6);
        result.shift = static_cast<float>(3 / scale);
    }
  }

  /// Saturation does the clipping where it has the same limits: what is above 254.5 becomes 255 anyway.
  static void set_clip(Int8Op& result, double limit) {
    if (!result.float_output && !result.signed_output && limit > 254.5) return;
    result.activation = Int8Activation::clip;
    result.limit = static_cast<float>(limit);
  }

  void set_table(Int8Op& result, double scale) const {
    const double from = operand_scale(result.op, 0);
    for (int byte = 0; byte < 256; ++byte) {
      const int q = number_of(byte_of(byte), result.signed_operands[0]);
      const double y = exact_activation(result.op.activation, q * from) / scale;
      result.table[static_cast<std::size_t>(byte)] = byte_of(requantize(y, result.signed_output));
    }
  }

  const Int8Model& model_;
  int output_;
};

}  // namespace attar::detail
