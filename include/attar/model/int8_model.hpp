// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <numeric>
#include <span>
#include <string>
#include <string_view>

#include <attar/core/error.hpp>
#include <attar/layers/op.hpp>
#include <attar/model/program.hpp>

namespace attar {

/// Where a parameter tensor of the program lies in the buffers of a quantized network.
struct Int8Place {
  std::size_t numbers = 0;  ///< First element: of the s8 weights for weights, else of the floats.
  std::size_t scales = 0;   ///< First element of the weights' scales.
};

/// How quantized numbers stand for real ones: real = (quantized - zero point) * scale.
struct Int8Format {
  float scale = 1;
  bool is_signed = false;  ///< s8, else u8.
  int zero_point = 0;
};

/// A quantized network as backends see it: a view, without the architecture's type.
struct Int8Model {
  Program program;
  std::span<const Int8Place> places;            ///< Per parameter of the program.
  std::span<const std::int8_t> weights;         ///< In PyTorch's order, each tensor as in the parameter table.
  std::span<const float> weight_scales;         ///< Real weight = quantized weight times scale.
  std::span<const float> floats;                ///< Biases, and the parameters of norms that were not folded.
  std::span<const float> activation_scales;     ///< Per value of the program.
  std::span<const std::uint8_t> signed_values;  ///< Per value of the program: 1 for s8, 0 for u8.
  bool per_channel = true;                      ///< One scale per output channel of a weight tensor, else one.
  /// Per value of the program: the quantized number that stands for 0; empty where all are 0.
  std::span<const std::uint8_t> zero_points{};
  int weight_limit = 127;  ///< The largest magnitude of a quantized weight.

  /// The quantized weights of parameter `index`.
  [[nodiscard]] std::span<const std::int8_t> weight(int index) const {
    return weights.subspan(place(index).numbers, program.parameter(index).size);
  }
  /// The scale of an output channel of parameter `index`.
  [[nodiscard]] float weight_scale(int index, int channel) const {
    return weight_scales[place(index).scales + (per_channel ? static_cast<std::size_t>(channel) : 0)];
  }
  /// The sum of the quantized weights of an output channel of parameter `index`.
  [[nodiscard]] double weight_sum(int index, int channel) const {
    const std::span<const std::int8_t> all = weight(index);
    const std::size_t filter = all.size() / static_cast<std::size_t>(program.parameter(index).dims[0]);
    const std::span<const std::int8_t> own = all.subspan(static_cast<std::size_t>(channel) * filter, filter);
    return std::accumulate(own.begin(), own.end(), 0.0);
  }
  /// A parameter that is kept in float: a bias, or one of a norm.
  [[nodiscard]] std::span<const float> numbers(int index) const {
    return floats.subspan(place(index).numbers, program.parameter(index).size);
  }
  [[nodiscard]] float activation_scale(int value) const { return activation_scales[static_cast<std::size_t>(value)]; }
  [[nodiscard]] bool is_signed(int value) const { return signed_values[static_cast<std::size_t>(value)] != 0; }
  [[nodiscard]] int zero_point(int value) const {
    return zero_points.empty() ? 0 : zero_points[static_cast<std::size_t>(value)];
  }

  [[nodiscard]] Int8Format format(int value) const {
    return {activation_scale(value), is_signed(value), zero_point(value)};
  }

  /// The network cut off behind `op`, one of its program's, whose result then comes out as it is before any sum or
  /// activation: floats, of a convolution or a linear layer.
  [[nodiscard]] Int8Model up_to(const Op& op) const {
    Int8Model part = *this;
    part.program.ops = program.ops.first(static_cast<std::size_t>(&op - program.ops.data()) + 1);
    part.program.output = op.output;
    return part;
  }

  /// Throws `Error` with `invalid_data` unless all scales are finite and positive, all other floats are finite, no
  /// weight is beyond the limit and no value is both signed and off zero, which kernels rely on: a file can hold
  /// anything.
  void validate() const {
    for (std::size_t i = 0; i < weights.size(); ++i) {
      if (std::abs(int{weights[i]}) <= weight_limit) continue;
      const std::string limit = std::to_string(weight_limit);
      raise(Error{ErrorCode::invalid_data, "int8 model, weight[" + std::to_string(i) + "]",
                  "-" + limit + " to " + limit, std::to_string(weights[i])});
    }
    require(weight_scales, "weight_scale", true);
    require(activation_scales, "activation_scale", true);
    require(floats, "bias and norms", false);
    for (const std::uint8_t flag : signed_values) {
      if (flag > 1) raise(Error{ErrorCode::invalid_data, "activation_signed", "0 or 1", std::to_string(flag)});
    }
    for (std::size_t value = 0; value < zero_points.size(); ++value) {
      if (zero_points[value] == 0 || signed_values[value] == 0) continue;
      raise(Error{ErrorCode::invalid_data, "int8 model, activation_zero_point[" + std::to_string(value) + "]",
                  "0, for the value is signed", std::to_string(zero_points[value])});
    }
  }

 private:
  [[nodiscard]] const Int8Place& place(int index) const { return places[static_cast<std::size_t>(index)]; }

  static void require(std::span<const float> numbers, std::string_view name, bool positive) {
    for (std::size_t i = 0; i < numbers.size(); ++i) {
      const float number = numbers[i];
      if (std::isfinite(number) && (!positive || number > 0)) continue;
      // In words: to write a float takes more code than all of an inference.
      raise(Error{ErrorCode::invalid_data, "int8 model, " + std::string{name} + '[' + std::to_string(i) + ']',
                  positive ? "a positive finite scale" : "a finite number",
                  !std::isfinite(number) ? "one that is not finite" : (number < 0 ? "a negative one" : "0")});
    }
  }
};

}  // namespace attar
