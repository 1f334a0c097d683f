// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <limits>
#include <type_traits>

#include <attar/backend/kernels/affine.hpp>
#include <attar/backend/kernels/channel_rows.hpp>
#include <attar/backend/kernels/vector.hpp>
#include <attar/backend/operation.hpp>
#include <attar/core/aligned_buffer.hpp>

namespace attar::detail {

/// Batch normalization in training, with the residual sum and the ReLU behind it if `fuse` put them there. Two passes
/// over memory forward and two backward:
///
/// - Sums are taken of numbers shifted by the mean of the first pixels (so that a large mean costs no digits), in float
///   within a tile and in double beyond it.
/// - y = act(scale x + offset + residual).
/// - Backward, the gradient dz in front of the activation is recomputed in the second pass, unless it had to be written
///   for the residual anyway. Without a residual its mask comes from x, so y is not read at all.
/// - dx = a dz + b x + c, which is scale (dz - mean(dz) - xhat mean(dz xhat)) multiplied out.
template <class Storage>
class BatchNormKernel final : public Operation<Storage, float> {
 public:
  using typename Operation<Storage, float>::Arguments;

  explicit BatchNormKernel(const OperationContext& context)
      : op_{context.op},
        pixels_{static_cast<std::size_t>(context.batch) * context.program.shape(context.op.output).pixels()},
        rows_{static_cast<std::size_t>(context.program.shape(context.op.output).channels), pixels_},
        scale_at_{context.program.parameter(op_.weight).offset},
        shift_at_{context.program.parameter(op_.bias).offset},
        running_mean_at_{context.program.parameter(op_.running_mean).offset},
        running_var_at_{context.program.parameter(op_.running_var).offset},
        sums_{2 * rows_.row() * rows_.parts()},
        center_{rows_.row()},
        scale_{rows_.row()},
        offset_{rows_.row()},
        gradient_factor_{rows_.row()},
        input_factor_{rows_.row()},
        constant_{rows_.row()},
        mean_{rows_.channels()},
        inverse_deviation_{rows_.channels()} {}

  void forward(const Arguments& arguments) override {
    const Storage* input = arguments.inputs[0];
    estimate_center(input);
    reduce([input]<int L>(std::size_t i, std::size_t, Floats<L> center, Lanes<L> lanes) {
      const Floats<L> deviation = load(input + i, lanes) - center;
      return Pair<L>{deviation, deviation * deviation};
    });
    use_statistics(arguments.parameters);
    apply_affine(rows_, input, scale_.data(), offset_.data(), arguments.residual, op_.activation, true,
                 arguments.output);
  }

  void backward(const Arguments& arguments) override {
    rows_.repeat(center_.data(), [&](std::size_t c) { return mean_[c]; });
    const Storage* gradient = arguments.output_gradient;
    const Storage* second = arguments.second_output_gradient;
    const Mask mask = op_.activation == Activation::none ? Mask::none : op_.residual >= 0 ? Mask::output : Mask::input;
    with_gradient(mask, second != nullptr, [&](auto kind) { sum_gradients(arguments, kind); });
    find_factors(arguments.parameters, arguments.gradients);
    if (arguments.input_gradients[0] == nullptr) return;
    if (arguments.residual_gradient != nullptr && !arguments.accumulate_residual) {
      propagate(arguments, arguments.residual_gradient, GradientKind<Mask::none, false>{});
    } else {
      with_gradient(mask, second != nullptr, [&](auto kind) { propagate(arguments, gradient, kind); });
    }
  }

 private:
  template <int L>
  struct Pair {
    Floats<L> first;
    Floats<L> second;
  };

  /// Where it is seen which gradients the activation lets through.
  enum class Mask { none, input, output };
  template <Mask From, bool HasSecond>
  struct GradientKind {};

  template <class Body>
  static void with_gradient(Mask mask, bool second, Body&& body) {
    const auto with_mask = [&]<Mask From>(std::integral_constant<Mask, From>) {
      if (second) {
        body(GradientKind<From, true>{});
      } else {
        body(GradientKind<From, false>{});
      }
    };
    if (mask == Mask::none) with_mask(std::integral_constant<Mask, Mask::none>{});
    if (mask == Mask::input) with_mask(std::integral_constant<Mask, Mask::input>{});
    if (mask == Mask::output) with_mask(std::integral_constant<Mask, Mask::output>{});
  }

  /// A number near the mean of each channel: the mean of the first pixels.
  void estimate_center(const Storage* input) {
    const std::size_t channels = rows_.channels();
    const std::size_t count = std::min<std::size_t>(pixels_, 64);
    std::fill_n(mean_.data(), channels, 0.0);
    for (std::size_t pixel = 0; pixel < count; ++pixel) {
      for (std::size_t c = 0; c < channels; ++c) {
        mean_[c] += static_cast<double>(static_cast<float>(input[pixel * channels + c]));
      }
    }
    rows_.repeat(center_.data(), [&](std::size_t c) { return mean_[c] / static_cast<double>(count); });
  }

  /// Sums, channel by channel, both numbers of the pairs that `term(i, place, center, lanes)` gives for the elements
  /// from i, which stand at `place` in their row. The result is the first row of `sums_`.
  template <class Term>
  void reduce(const Term& term) {
    const std::size_t row = rows_.row();
    rows_.for_parts([&, row](std::size_t part) {
      [[maybe_unused]] const Term local = term;  // A copy: what a store might change would be read for every vector.
      const float* const centers = center_.data();
      double* sums = sums_.data() + 2 * row * part;
      std::fill_n(sums, 2 * row, 0.0);
      rows_.visit(part, false, [&]<int V, int L>(Block<V, L>, std::size_t at, std::size_t count, std::size_t place) {
        constexpr Lanes<L> lanes{};
        Floats<L> first[V]{};
        Floats<L> second[V]{};
        Floats<L> center[V];
        for (int v = 0; v < V; ++v) center[v] = load(centers + place + v * L, lanes);
        for (; count > 0; --count, at += row) {
          for (int v = 0; v < V; ++v) {
            const Pair<L> pair =
                term(at + static_cast<std::size_t>(v * L), place + static_cast<std::size_t>(v * L), center[v], lanes);
            first[v] += pair.first;
            second[v] += pair.second;
          }
        }
        for (int v = 0; v < V; ++v) {
          add(sums + place + v * L, first[v], lanes);
          add(sums + row + place + v * L, second[v], lanes);
        }
      });
    });
    for (std::size_t part = 1; part < rows_.parts(); ++part) {
      for (std::size_t i = 0; i < 2 * row; ++i) sums_[i] += sums_[2 * row * part + i];
    }
  }

  template <int L>
  static void add(double* sums, Floats<L> value, Lanes<L> lanes) {
    std::array<float, L> numbers;
    store(numbers.data(), value, lanes);
    for (std::size_t i = 0; i < L; ++i) sums[i] += static_cast<double>(numbers[i]);
  }

  /// The sums of channel `c`, divided by the number of pixels.
  [[nodiscard]] std::array<double, 2> means(std::size_t c) const {
    std::array<double, 2> total{};
    for (std::size_t i = c; i < rows_.row(); i += rows_.channels()) {
      total[0] += sums_[i];
      total[1] += sums_[rows_.row() + i];
    }
    return {total[0] / static_cast<double>(pixels_), total[1] / static_cast<double>(pixels_)};
  }

  /// Turns the sums of forward into mean, deviation, running statistics, and the factors of the second pass.
  void use_statistics(float* parameters) {
    const auto count = static_cast<double>(pixels_);
    const double unbiased = pixels_ > 1 ? count / (count - 1) : 1;
    const auto update = [&](float& running, double value) {
      running = static_cast<float>((1 - op_.momentum) * static_cast<double>(running) + op_.momentum * value);
    };
    for (std::size_t c = 0; c < rows_.channels(); ++c) {
      const auto [shifted, square] = means(c);
      const double variance = std::max(square - shifted * shifted, 0.0);
      mean_[c] = static_cast<double>(center_[c]) + shifted;
      inverse_deviation_[c] = 1 / std::sqrt(variance + op_.epsilon);
      update(parameters[running_mean_at_ + c], mean_[c]);
      update(parameters[running_var_at_ + c], variance * unbiased);
    }
    const auto scale = [&](std::size_t c) {
      return static_cast<double>(parameters[scale_at_ + c]) * inverse_deviation_[c];
    };
    rows_.repeat(scale_.data(), scale);
    rows_.repeat(offset_.data(),
                 [&](std::size_t c) { return static_cast<double>(parameters[shift_at_ + c]) - scale(c) * mean_[c]; });
  }

  /// The gradient in front of the activation, at element i.
  template <Mask From, bool HasSecond, int L>
  [[nodiscard]] static Floats<L> inner_gradient(GradientKind<From, HasSecond>, const Arguments& arguments,
                                                const Storage* gradient, std::size_t i, Floats<L> input,
                                                Floats<L> scale, Floats<L> offset, float limit, Lanes<L> lanes) {
    Floats<L> result = load(gradient + i, lanes);
    if constexpr (HasSecond) result += load(arguments.second_output_gradient + i, lanes);
    if constexpr (From == Mask::none) return result;
    const Floats<L> seen = From == Mask::input ? input * scale + offset : load(arguments.output + i, lanes);
    const Floats<L> zero{};
    return ((seen > zero) & (seen < zero + limit)) ? result : zero;
  }

  [[nodiscard]] float limit() const {
    return op_.activation == Activation::relu6 ? 6.0F : std::numeric_limits<float>::infinity();
  }

  /// First pass of backward: the sums of dz and dz (x - mean); dz goes to the residual.
  template <Mask From, bool HasSecond>
  void sum_gradients(const Arguments& arguments, GradientKind<From, HasSecond> kind) {
    const float top = limit();
    const float* scales = scale_.data();
    const float* offsets = offset_.data();
    reduce([=, a = arguments]<int L>(std::size_t i, std::size_t place, Floats<L> center, Lanes<L> lanes) {
      Floats<L> scale{};
      Floats<L> offset{};
      if constexpr (From == Mask::input) {
        scale = load(scales + place, lanes);
        offset = load(offsets + place, lanes);
      }
      const Floats<L> input = load(a.inputs[0] + i, lanes);
      const Floats<L> inner = inner_gradient(kind, a, a.output_gradient, i, input, scale, offset, top, lanes);
      if (a.residual_gradient != nullptr) {
        put(a.residual_gradient + i, inner, a.accumulate_residual, lanes);
      }
      return Pair<L>{inner, inner * (input - center)};
    });
  }

  /// Turns the sums of backward into the gradients of scale and shift and the factors of the second pass.
  void find_factors(const float* parameters, float* gradients) {
    for (std::size_t c = 0; c < rows_.channels(); ++c) {
      const auto [mean_gradient, mean_product] = means(c);
      const double covariance = mean_product - (mean_[c] - static_cast<double>(center_[c])) * mean_gradient;
      const double inverse = inverse_deviation_[c];
      const auto count = static_cast<double>(pixels_);
      gradients[scale_at_ + c] = static_cast<float>(covariance * inverse * count);
      gradients[shift_at_ + c] = static_cast<float>(mean_gradient * count);
      const double factor = static_cast<double>(parameters[scale_at_ + c]) * inverse;
      const double slope = -factor * covariance * inverse * inverse;
      const double constant = -factor * mean_gradient - slope * mean_[c];
      for (std::size_t i = c; i < rows_.row(); i += rows_.channels()) {
        gradient_factor_[i] = static_cast<float>(factor);
        input_factor_[i] = static_cast<float>(slope);
        constant_[i] = static_cast<float>(constant);
      }
    }
  }

  /// Second pass of backward: the gradient of the input.
  template <Mask From, bool HasSecond>
  void propagate(const Arguments& arguments, const Storage* gradient, GradientKind<From, HasSecond> kind) {
    const float top = limit();
    rows_.for_parts([&, gradient, top](std::size_t part) {
      const Arguments local = arguments;  // A copy, as above.
      const Storage* const from = gradient;
      const std::size_t row = rows_.row();
      rows_.visit(part, true, [&]<int V, int L>(Block<V, L>, std::size_t at, std::size_t count, std::size_t place) {
        constexpr Lanes<L> lanes{};
        Floats<L> a[V], b[V], c[V], scale[V], offset[V];
        for (int v = 0; v < V; ++v) {
          a[v] = load(gradient_factor_.data() + place + v * L, lanes);
          b[v] = load(input_factor_.data() + place + v * L, lanes);
          c[v] = load(constant_.data() + place + v * L, lanes);
          scale[v] = load(scale_.data() + place + v * L, lanes);
          offset[v] = load(offset_.data() + place + v * L, lanes);
        }
        for (; count > 0; --count, at += row) {
          for (int v = 0; v < V; ++v) {
            const std::size_t i = at + static_cast<std::size_t>(v * L);
            const Floats<L> input = load(local.inputs[0] + i, lanes);
            const Floats<L> inner = inner_gradient(kind, local, from, i, input, scale[v], offset[v], top, lanes);
            put(local.input_gradients[0] + i, a[v] * inner + (b[v] * input + c[v]), local.accumulate[0], lanes);
          }
        }
      });
    });
  }

  Op op_;
  std::size_t pixels_;
  ChannelRows rows_;
  std::size_t scale_at_;
  std::size_t shift_at_;
  std::size_t running_mean_at_;
  std::size_t running_var_at_;
  AlignedBuffer<double> sums_;
  // Rows of numbers per channel.
  AlignedBuffer<float> center_;
  AlignedBuffer<float> scale_;
  AlignedBuffer<float> offset_;
  AlignedBuffer<float> gradient_factor_;
  AlignedBuffer<float> input_factor_;
  AlignedBuffer<float> constant_;
  // Of the last forward, per channel.
  AlignedBuffer<double> mean_;
  AlignedBuffer<double> inverse_deviation_;
};

}  // namespace attar::detail
