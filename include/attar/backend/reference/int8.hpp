// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <attar/backend/int8_program.hpp>
#include <attar/backend/int8_session.hpp>
#include <attar/backend/operation.hpp>
#include <attar/backend/step_session.hpp>

namespace attar {

template <class Scalar>
struct Reference;

}  // namespace attar

namespace attar::detail {

/// A plain interpreter of int8 steps: one loop per operation, sums in 32-bit integers, every float product and sum
/// rounded by itself whatever the compiler's options. The oracle that the fast int8 backends must match exactly, and
/// code that any platform can run.
class ReferenceInt8Step {
 public:
  using Binding = StepPointers;

  ReferenceInt8Step(Int8Op op, int batch, std::span<const std::int8_t> weights)
      : op_{std::move(op)}, batch_{batch}, weights_{weights.begin(), weights.end()} {}

  [[nodiscard]] std::string kernel_name() const { return "reference loops"; }
  [[nodiscard]] std::size_t scratchpad_bytes() const noexcept { return 0; }
  [[nodiscard]] Binding bind(const StepPointers& pointers) const noexcept { return pointers; }

  void execute(auto& p) const noexcept {
    if (op_.op.kind == OpKind::flatten) return flatten(p);
    for (int n = 0; n < batch_; ++n) {
      for (int y = 0; y < op_.out.height; ++y) {
        for (int x = 0; x < op_.out.width; ++x) {
          for (int c = 0; c < op_.out.channels; ++c) finish(compute(p, n, y, x, c), index(op_.out, n, y, x, c), p);
        }
      }
    }
  }

 private:
  /// Volatile, so that no compiler fuses the product with a sum behind it.
  static float product(float a, float b) noexcept {
    const volatile float rounded = a * b;
    return rounded;
  }
  static float sum(float a, float b) noexcept { return a + b; }

  static std::size_t index(const Shape& shape, int n, int y, int x, int c) noexcept {
    const int pixel = (n * shape.height + y) * shape.width + x;
    return static_cast<std::size_t>(pixel) * static_cast<std::size_t>(shape.channels) + static_cast<std::size_t>(c);
  }
  static int read(const std::byte* bytes, std::size_t i, bool is_signed) noexcept {
    return number_of(static_cast<std::int8_t>(bytes[i]), is_signed);
  }
  [[nodiscard]] int operand(const StepPointers& p, std::size_t k, std::size_t i) const noexcept {
    return read(p.inputs[k], i, op_.signed_operands[k]);
  }
  /// The first operand, or its zero point outside of the image.
  [[nodiscard]] int padded(const StepPointers& p, int n, int y, int x, int c) const noexcept {
    return is_inside(y, x) ? operand(p, 0, index(op_.in, n, y, x, c)) : op_.zero_points[0];
  }
  [[nodiscard]] bool is_inside(int y, int x) const noexcept {
    return y >= 0 && y < op_.in.height && x >= 0 && x < op_.in.width;
  }

  /// Calls `body(iy, ix, i, j)` for the taps (i, j) of the window, which may lie outside of the image.
  template <class Body>
  void for_taps(int y, int x, Body&& body) const noexcept {
    const Window& window = op_.op.window;
    for (int i = 0; i < window.kernel.height; ++i) {
      for (int j = 0; j < window.kernel.width; ++j) {
        const int iy = y * window.stride.height - window.padding.height + i * window.dilation.height;
        const int ix = x * window.stride.width - window.padding.width + j * window.dilation.width;
        body(iy, ix, i, j);
      }
    }
  }

  [[nodiscard]] int convolve(const StepPointers& p, int n, int y, int x, int c) const noexcept {
    const Extent kernel = op_.op.window.kernel;
    const int per_group = op_.in.channels / op_.op.groups;
    const int first = c / (op_.out.channels / op_.op.groups) * per_group;
    int total = 0;
    for_taps(y, x, [&](int iy, int ix, int i, int j) {
      for (int k = 0; k < per_group; ++k) {
        const int place = ((c * per_group + k) * kernel.height + i) * kernel.width + j;
        total += padded(p, n, iy, ix, first + k) * weights_[static_cast<std::size_t>(place)];
      }
    });
    return total;
  }

  [[nodiscard]] float scaled(int number) const noexcept {
    return sum(product(static_cast<float>(number), op_.operand_multipliers[0]), op_.offset[0]);
  }

  /// y of one result, before residual and activation; the byte itself of a max_pool.
  [[nodiscard]] float compute(const StepPointers& p, int n, int y, int x, int c) const noexcept {
    const std::size_t here = index(op_.out, n, y, x, c);
    const auto channel = static_cast<std::size_t>(c);
    const auto affine = [&](int q) {
      return sum(product(static_cast<float>(q), op_.multiplier[channel]), op_.offset[channel]);
    };
    switch (op_.op.kind) {
      case OpKind::conv2d:
      case OpKind::linear:
        return affine(convolve(p, n, y, x, c));
      case OpKind::batch_norm:
        return affine(operand(p, 0, here));
      case OpKind::add: {
        const float first = product(static_cast<float>(operand(p, 0, here)), op_.operand_multipliers[0]);
        const float second = product(static_cast<float>(operand(p, 1, here)), op_.operand_multipliers[1]);
        return sum(sum(first, second), op_.offset[0]);
      }
      case OpKind::scale: {
        const int gate = operand(p, 1, index({op_.out.channels}, n, 0, 0, c));
        const int number = operand(p, 0, here) - op_.zero_points[0];
        return scaled(number * (gate - op_.zero_points[1]));
      }
      case OpKind::concat: {
        std::size_t k = 0;
        while (c >= op_.operand_channels[k]) c -= op_.operand_channels[k++];
        const Shape part{op_.operand_channels[k], op_.out.height, op_.out.width};
        const int number = operand(p, k, index(part, n, y, x, c));
        return sum(product(static_cast<float>(number), op_.operand_multipliers[k]), op_.offset[k]);
      }
      case OpKind::max_pool: {
        int largest = -128;
        for_taps(y, x, [&](int iy, int ix, int, int) {
          if (is_inside(iy, ix)) largest = std::max(largest, operand(p, 0, index(op_.in, n, iy, ix, c)));
        });
        return static_cast<float>(largest);
      }
      case OpKind::avg_pool: {
        int total = 0;
        for_taps(y, x, [&](int iy, int ix, int, int) { total += padded(p, n, iy, ix, c); });
        return scaled(total);
      }
      case OpKind::global_avg_pool: {
        int total = 0;
        for (int iy = 0; iy < op_.in.height; ++iy) {
          for (int ix = 0; ix < op_.in.width; ++ix) total += operand(p, 0, index(op_.in, n, iy, ix, c));
        }
        return scaled(total);
      }
      case OpKind::activation: {
        const std::int8_t result = op_.table[std::to_integer<std::uint8_t>(p.inputs[0][here])];
        return static_cast<float>(number_of(result, op_.signed_output));
      }
      case OpKind::flatten:
      case OpKind::dropout:
        break;
    }
    return 0;
  }

  [[nodiscard]] float activate(float y) const noexcept {
    const bool product_op = is_product(op_.op);
    switch (op_.activation) {
      case Int8Activation::none:
        break;
      case Int8Activation::clip:
        return std::min(std::max(y, 0.0F), op_.limit);
      case Int8Activation::hard_swish: {
        const float gate = product_op ? sum(product(y, op_.slope), 0.5F) : product(sum(y, op_.shift), op_.slope);
        return product(y, std::min(std::max(gate, 0.0F), 1.0F));
      }
    }
    return y;
  }

  void finish(float y, std::size_t at, const StepPointers& p) const noexcept {
    if (p.residual != nullptr) {
      const int q = read(p.residual, at, op_.signed_residual);
      y = sum(y, product(static_cast<float>(q), op_.residual_multiplier));
    }
    y = sum(activate(y), op_.result_zero);
    if (op_.float_output) {
      std::memcpy(p.output + at * sizeof(float), &y, sizeof(float));
    } else {
      p.output[at] = static_cast<std::byte>(byte_of(requantize(double{y}, op_.signed_output)));
    }
  }

  void flatten(const StepPointers& p) const noexcept {
    for (int n = 0; n < batch_; ++n) {
      for (int c = 0; c < op_.in.channels; ++c) {
        for (int y = 0; y < op_.in.height; ++y) {
          for (int x = 0; x < op_.in.width; ++x) {
            const int to = ((n * op_.in.channels + c) * op_.in.height + y) * op_.in.width + x;
            p.output[to] = p.inputs[0][index(op_.in, n, y, x, c)];
          }
        }
      }
    }
  }

  Int8Op op_;
  int batch_;
  std::vector<std::int8_t> weights_;
};

/// The int8 inference of the reference backend.
template <class Scalar>
struct Int8InferenceOf<Reference<Scalar>> {
  using Step = ReferenceInt8Step;
  static constexpr bool sums_in_place = false;

  static Step prepare(const Int8Op& op, const OperationContext& context, std::span<const std::int8_t> weights, bool) {
    return {op, context.batch, weights};
  }
};

}  // namespace attar::detail
