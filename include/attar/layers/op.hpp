// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include <attar/core/shape.hpp>
#include <attar/detail/fixed_string.hpp>

/// The small language that every layer is translated into at compile time. A backend knows these operations and
/// nothing of layers: a new layer is new text, a new backend is one file per operation.
namespace attar {

/// The operations. `value` below means a batch of feature maps.
enum class OpKind {
  conv2d,           ///< Convolution (cross-correlation), groups included.
  linear,           ///< Matrix product with a vector of features.
  batch_norm,       ///< Normalization per channel (Ioffe and Szegedy 2015).
  activation,       ///< Elementwise function.
  max_pool,         ///< Largest element of a window; padding never wins.
  avg_pool,         ///< Mean of a window; padding counts as zero, as in PyTorch.
  global_avg_pool,  ///< Mean over height and width.
  flatten,          ///< C x H x W to a vector, in PyTorch's order (channel, height, width).
  dropout,          ///< Zeroes elements at random in training (Srivastava 2014), scaling the rest.
  add,              ///< Sum of two values of one shape.
  concat,           ///< Channels of all operands, one after the other.
  scale,            ///< First operand times the second, a C x 1 x 1 value, channel by channel.
};

/// Elementwise functions.
enum class Activation {
  none,
  relu,          ///< max(x, 0)
  relu6,         ///< min(max(x, 0), 6)
  hard_swish,    ///< x * relu6(x + 3) / 6 (Howard 2019)
  hard_sigmoid,  ///< relu6(x + 3) / 6
};

/// Whether the results of a function are never negative.
[[nodiscard]] constexpr bool gives_non_negative(Activation function) {
  return function == Activation::relu || function == Activation::relu6 || function == Activation::hard_sigmoid;
}

/// Height and width of something that has both.
struct Extent {
  int height = 1;
  int width = 1;

  friend constexpr bool operator==(const Extent&, const Extent&) = default;
};

/// The window of a convolution or a pooling.
struct Window {
  Extent kernel{};
  Extent stride{};
  Extent padding{0, 0};
  Extent dilation{};

  /// The size of the output, rounded down as in PyTorch; not positive where the window does not fit.
  [[nodiscard]] constexpr Extent output(const Shape& in) const noexcept {
    return {length(in.height, kernel.height, stride.height, padding.height, dilation.height),
            length(in.width, kernel.width, stride.width, padding.width, dilation.width)};
  }

  friend constexpr bool operator==(const Window&, const Window&) = default;

 private:
  static constexpr int length(int in, int kernel, int stride, int padding, int dilation) noexcept {
    const int room = in + 2 * padding - dilation * (kernel - 1) - 1;
    return room < 0 ? 0 : room / stride + 1;
  }
};

/// The most operands that an operation (a concatenation) can have.
inline constexpr std::size_t max_operands = 8;

/// One operation of a program. Values and parameters are numbers into the program's tables; -1 is "none".
struct Op {
  OpKind kind{};
  std::array<int, max_operands> operands{};  ///< Values read; the first `operand_count` count.
  int operand_count = 0;
  int output = -1;  ///< The value written.

  Window window{};  ///< Of conv2d and the poolings.
  int groups = 1;   ///< Of conv2d.

  int weight = -1;        ///< conv2d: O x I/groups x KH x KW; linear: O x I; batch_norm: the scale (gamma).
  int bias = -1;          ///< conv2d, linear: the bias; batch_norm: the shift (beta).
  int running_mean = -1;  ///< Of batch_norm.
  int running_var = -1;   ///< Of batch_norm; unbiased, as PyTorch keeps it.
  double epsilon = 0;     ///< Of batch_norm: added to the variance.
  double momentum = 0;    ///< Of batch_norm: the share of the new value in the running statistics.
  double rate = 0;        ///< Of dropout: the probability of a zero.

  /// What is applied to the result: of an `activation` op itself, or fused behind another op by `fuse`.
  Activation activation = Activation::none;
  /// A value added to the result before the activation (fused by `fuse`), or -1.
  int residual = -1;

  int layer = -1;  ///< The row of the layer table that this operation belongs to.
};

/// What a parameter tensor is for.
enum class Role {
  weight,
  bias,
  norm_scale,
  norm_shift,
  running_mean,
  running_var,
  limit,       ///< Of quantizers in quantization-aware training: the largest magnitude, or the offset, learned.
  fixed_limit  ///< The same, not learned; and the signs of activations.
};

/// Whether the optimizer changes it. Running statistics follow the data instead.
[[nodiscard]] constexpr bool trainable(Role role) noexcept {
  return role != Role::running_mean && role != Role::running_var && role != Role::fixed_limit;
}

/// A name such as "3.main.0.weight".
using Name = detail::FixedString<64>;

/// One tensor of the parameter table.
struct Parameter {
  Name name{};  ///< As PyTorch's `state_dict` would call it.
  Role role{};
  std::array<int, 4> dims{};  ///< PyTorch's order: O, I, KH, KW.
  int rank = 0;               ///< How many of `dims` count.
  std::size_t size = 0;       ///< Elements.
  std::size_t offset = 0;     ///< Elements from the beginning of the flat buffer; a multiple of 16.
};

/// One row of the layer table: a layer that computes something (stacks do not appear).
struct LayerRow {
  Name path{};              ///< Where it stands: "3.main.0".
  std::string_view name{};  ///< The layer's name: "Conv2d".
  std::string_view tag{};   ///< The word of a `Tag`.
  int value = 0;            ///< What the layer gives.
  Shape input{};
  Shape output{};
  std::size_t parameters = 0;  ///< Trainable numbers.
  std::uint64_t multiply_adds = 0;
};

/// Whether an operation multiplies by weights: a convolution or a linear layer.
[[nodiscard]] constexpr bool is_product(const Op& op) noexcept {
  return op.kind == OpKind::conv2d || op.kind == OpKind::linear;
}

/// Multiply-adds of an operation for one image: those of convolutions and linear layers, as the field counts them.
[[nodiscard]] constexpr std::uint64_t multiply_adds(const Op& op, const Shape& in, const Shape& out) noexcept {
  if (op.kind == OpKind::linear) return std::uint64_t{in.size()} * out.size();
  if (op.kind != OpKind::conv2d) return 0;
  const auto taps = static_cast<std::uint64_t>(op.window.kernel.height) *
                    static_cast<std::uint64_t>(op.window.kernel.width) *
                    static_cast<std::uint64_t>(in.channels / op.groups);
  return taps * out.size();
}

}  // namespace attar
