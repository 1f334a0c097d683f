// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>

#include <attar/backend/int8_program.hpp>
#include <attar/core/error.hpp>
#include <attar/layers/op.hpp>
#include <attar/model/fuse.hpp>
#include <attar/model/int8_model.hpp>

namespace attar::detail {

/// Works out the arithmetic of the operations of a fused program.
class Int8Preparer {
 public:
  Int8Preparer(const Int8Model& model, const FusedProgram& fused) : model_{model}, output_{fused.output} {}

  /// Throws `Error` with `invalid_data` for a pooling or flattening that would have to change the scale, and for a zero
  /// point where nothing is negative.
  [[nodiscard]] Int8Op prepare(const Op& op) const {
    if (op.kind == OpKind::max_pool || op.kind == OpKind::flatten) require_same_scale(op);
    require_needed_zero_point(op);
    Int8Op result;
    result.op = op;
    result.in = model_.program.shape(op.operands[0]);
    result.out = model_.program.shape(op.output);
    for (std::size_t k = 0; k < static_cast<std::size_t>(op.operand_count); ++k) {
      result.signed_operands[k] = model_.is_signed(op.operands[k]);
      result.operand_channels[k] = model_.program.shape(op.operands[k]).channels;
      result.zero_points[k] = model_.zero_point(op.operands[k]);
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
    const auto require = [&](bool same, const char* what) {
      if (same) return;
      raise(Error{ErrorCode::invalid_data, std::string{"int8 model, "} + what + '[' + std::to_string(op.output) + ']',
                  "that of the value that is pooled or flattened", "another"});
    };
    require(model_.activation_scale(from) == model_.activation_scale(op.output) &&
                model_.is_signed(from) == model_.is_signed(op.output),
            "activation_scale");
    require(model_.zero_point(from) == model_.zero_point(op.output), "activation_zero_point");
  }
  void require_needed_zero_point(const Op& op) const {
    if (!gives_non_negative(op.activation) || model_.zero_point(op.output) == 0) return;
    raise(Error{ErrorCode::invalid_data, "int8 model, activation_zero_point[" + std::to_string(op.output) + "]",
                "0, for the value is never negative", std::to_string(model_.zero_point(op.output))});
  }

  [[nodiscard]] double operand_scale(const Op& op, std::size_t k) const {
    return double{model_.activation_scale(op.operands[k])};
  }

  void set_multipliers(Int8Op& result, double scale) const {
    const Op& op = result.op;
    // The hard sigmoid (x + 3) / 6 is a clip behind other multipliers.
    const bool sigmoid = op.activation == Activation::hard_sigmoid && op.kind != OpKind::activation;
    const double factor = sigmoid ? 1.0 / 6 : 1.0;
    const bool off_zero = op.activation == Activation::none && !result.float_output;
    const double shift = sigmoid ? 0.5 / scale : (off_zero ? model_.zero_point(op.output) : 0);
    const auto zero_point = [&](std::size_t k) { return static_cast<double>(result.zero_points[k]); };
    // The mean over windows of `pixels` pixels.
    const auto mean = [&](double pixels) {
      result.operand_multipliers[0] = static_cast<float>(operand_scale(op, 0) / (scale * pixels));
      result.offset = {static_cast<float>(shift - zero_point(0) * pixels * double{result.operand_multipliers[0]})};
    };
    const auto number = [&](int index, int c) {
      return index < 0 ? 0.0 : double{model_.numbers(index)[static_cast<std::size_t>(c)]};
    };
    switch (op.kind) {
      case OpKind::conv2d:
      case OpKind::linear:
        set_channels(
            result, scale, factor, shift,
            [&](int c) { return operand_scale(op, 0) * double{model_.weight_scale(op.weight, c)}; },
            [&](int c) { return number(op.bias, c); });
        break;
      case OpKind::batch_norm: {
        const auto gain = [&](int c) {
          return number(op.weight, c) / std::sqrt(number(op.running_var, c) + op.epsilon);
        };
        set_channels(
            result, scale, factor, shift, [&](int c) { return operand_scale(op, 0) * gain(c); },
            [&](int c) { return number(op.bias, c) - number(op.running_mean, c) * gain(c); });
        break;
      }
      case OpKind::scale:
        result.operand_multipliers[0] = static_cast<float>(operand_scale(op, 0) * operand_scale(op, 1) / scale);
        result.offset = {static_cast<float>(shift)};
        break;
      case OpKind::global_avg_pool:
        mean(static_cast<double>(result.in.pixels()));
        break;
      case OpKind::avg_pool:
        mean(static_cast<double>(op.window.kernel.height) * op.window.kernel.width);
        break;
      default: {
        double offset = shift;
        for (std::size_t k = 0; k < static_cast<std::size_t>(op.operand_count); ++k) {
          const float multiplier = short_multiplier(operand_scale(op, k) * factor / scale);
          result.operand_multipliers[k] = multiplier;
          if (op.kind == OpKind::concat) offset = shift;  // Each operand has its own.
          offset -= zero_point(k) * double{multiplier};
          if (op.kind == OpKind::concat) result.offset.push_back(static_cast<float>(offset));
        }
        if (op.kind != OpKind::concat) result.offset = {static_cast<float>(offset)};
      }
    }
  }

  /// Multipliers and offsets per channel, of what zero points add to the sums too. `multiplier(c)` and `offset(c)` are
  /// those of the real numbers.
  template <class Multiplier, class Offset>
  void set_channels(Int8Op& result, double scale, double factor, double shift, Multiplier&& multiplier,
                    Offset&& offset) const {
    const Op& op = result.op;
    if (op.residual >= 0) {
      result.residual_multiplier = short_multiplier(double{model_.activation_scale(op.residual)} * factor / scale);
      shift -= model_.zero_point(op.residual) * double{result.residual_multiplier};
    }
    for (int c = 0; c < result.out.channels; ++c) {
      const double exact = multiplier(c) * factor / scale;
      const float m = is_product(op) ? static_cast<float>(exact) : short_multiplier(exact);
      const double zero = zero_sum(result, c);
      if (is_product(op) && result.zero_points[0] != 0) result.zero_sums.push_back(static_cast<float>(zero));
      result.multiplier.push_back(m);
      result.offset.push_back(static_cast<float>(offset(c) * factor / scale + shift - zero * double{m}));
    }
  }

  /// What the operand's zero point adds to the sums of an output channel.
  [[nodiscard]] double zero_sum(const Int8Op& op, int channel) const {
    if (op.zero_points[0] == 0 || !is_product(op.op)) return op.zero_points[0];
    return op.zero_points[0] * model_.weight_sum(op.op.weight, channel);
  }

  void set_activation(Int8Op& result, double scale) const {
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
        if (!result.float_output) result.result_zero = static_cast<float>(model_.zero_point(result.op.output));
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
      const double x = (q - result.zero_points[0]) * from;
      const double y = exact_activation(result.op.activation, x) / scale + model_.zero_point(result.op.output);
      result.table[static_cast<std::size_t>(byte)] = byte_of(requantize(y, result.signed_output));
    }
  }

  const Int8Model& model_;
  int output_;
};

}  // namespace attar::detail
