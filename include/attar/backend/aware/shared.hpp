// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <span>
#include <utility>

#include <attar/backend/int8_preparer.hpp>
#include <attar/backend/int8_program.hpp>
#include <attar/backend/kernels/int8.hpp>
#include <attar/backend/kernels/int8_vector.hpp>
#include <attar/backend/kernels/vector.hpp>
#include <attar/core/aligned_buffer.hpp>
#include <attar/detail/whole_range.hpp>
#include <attar/model/fuse.hpp>
#include <attar/model/program.hpp>
#include <attar/model/quantizers.hpp>

/// Quantization-aware training. Values are kept as whole floats q, which stand for q * scale: with zero points, which
/// the bytes of the engine hold in addition, q is the byte less the zero point, so that 0 is 0, in padding too, and all
/// that is linear is as it is without. They go through the arithmetic of `int8_program.hpp`, with its multipliers and
/// its order of roundings: what a forward computes is what the int8 engine computes, to the last bit, as long as sums
/// of products stay below 2^24. Gradients are those of the numbers that q stands for; rounding passes them on unchanged
/// (straight-through), and clipping stops them.
namespace attar::detail {

/// The numbers that a quantizer gives.
struct QuantizedRange {
  float low;
  float high;

  explicit QuantizedRange(bool is_signed) noexcept
      : low{is_signed ? -128.0F : 0.0F}, high{is_signed ? 127.0F : 255.0F} {}
};

/// Saturates and rounds y to nearest, ties to even, as `store_rounded` does; but NaN stays NaN, so that it is found.
template <class Vector>
[[nodiscard]] inline Vector round_to(const QuantizedRange& range, Vector y) noexcept {
  constexpr float magic = 12582912.0F;  // 1.5 * 2^23: the lowest bit of the sum's fraction counts ones.
  return at_most(at_least(y, Vector{} + range.low), Vector{} + range.high) + magic - magic;
}

/// The gradient of a limit, divided by that of its step. With LSQ it is such that gradient descent moves the step as in
/// the paper, whose gradient has a factor 1 / sqrt(numbers * levels) (Esser et al. 2020, 2.2): the limit is `levels`
/// times the step, and must move as many times as far. With clipping alone it is the true one. So is that of an offset,
/// the sum of the gradients of all that is clipped, at either end (Bhalgat et al. 2020, equation 7; "LSQ+" has no
/// factor for it): the range [offset, offset + limit] is moved as a whole by it, and its upper end alone by the limit.
[[nodiscard]] inline double limit_gradient_factor(LimitRule rule, int levels, std::size_t numbers) noexcept {
  if (rule == LimitRule::learn_clip) return 1.0 / levels;
  return std::sqrt(static_cast<double>(levels) / static_cast<double>(numbers));
}

/// What the operations of a quantization-aware training step share.
struct AwareShared {
  Quantizers quantizers;
  FusedProgram fused;
  AlignedBuffer<float> gradient;  ///< In front of residual and activation, of the operation that runs.

  AwareShared(const Program& program, FusedProgram fused_program, int batch)
      : quantizers{program}, fused{std::move(fused_program)} {
    std::size_t largest = 0;
    for (const Op& op : fused.ops) largest = std::max(largest, program.shape(op.output).size());
    gradient = AlignedBuffer<float>{static_cast<std::size_t>(batch) * largest};
  }

  /// The arithmetic of an operation with the quantizers of now.
  [[nodiscard]] Int8Op prepare(const Op& op) const {
    const Int8Model model = quantizers.model();
    return Int8Preparer{model, fused}.prepare(op);
  }

  void quantize_images(const float* images, std::size_t count, float* to) const noexcept {
    const float factor = 1.0F / quantizers.scales()[0];
    const QuantizedRange range{quantizers.signed_values()[0] != 0};
    const auto zero = static_cast<float>(quantizers.zero_point(0));
    for_chunks(count, 1, [&](std::size_t begin, std::size_t end) {
      for_lanes(begin, end, [&](std::size_t i, auto lanes) {
        store(to + i, round_to(range, int8_add(load(images + i, lanes) * factor, zero)) - zero, lanes);
      });
    });
  }

  /// Writes the gradients of a value's limit and, where it has one, of its offset.
  void write_limit_gradients(int value, double of_limit, double of_offset, float* gradients) const noexcept {
    const Program& program = quantizers.program();
    const Int8Simulation& simulation = quantizers.simulation();
    const auto write = [&](int tensor, double number) {
      gradients[program.parameter(tensor).offset + static_cast<std::size_t>(value)] = static_cast<float>(number);
    };
    write(simulation.activation_limits, of_limit);
    if (quantizers.has_offset(value)) write(simulation.activation_offsets, of_offset);
  }

  /// Whether a value is not rounded: float logits.
  [[nodiscard]] bool gives_floats(int value) const {
    return detail::any_of(fused.ops,
                          [&](const Op& op) { return op.output == value && detail::gives_floats(op, fused.output); });
  }

  /// The numbers that a value stands for.
  void to_real(int value, const float* from, std::size_t count, float* to) const {
    float scale = gives_floats(value) ? 1.0F : quantizers.scales()[static_cast<std::size_t>(value)];
    // Bytes hide NaN on the way through the kernels of the engine, and nobody would notice a run that diverged.
    if (!quantizers.finite()) scale = std::numeric_limits<float>::quiet_NaN();
    for_chunks(count, 1, [&](std::size_t begin, std::size_t end) {
      for (std::size_t i = begin; i < end; ++i) to[i] = from[i] * scale;
    });
  }
};

}  // namespace attar::detail
