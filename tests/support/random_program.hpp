// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include <attar/core/rng.hpp>
#include <attar/layers/layers.hpp>
#include <attar/layers/program_builder.hpp>
#include <attar/model/program.hpp>

namespace attar::test {

/// A small program of random layers that read random earlier values, so that sums, concatenations and values with
/// several readers meet everything else. Every value is read in the end.
class RandomProgram {
 public:
  explicit RandomProgram(std::uint64_t number)
      : rng_{Seed{2024}, number}, builder_{Shape{pick(1, 4), pick(4, 7), pick(4, 7)}} {
    for (int left = pick(5, 14); left > 0; --left) add_layer();
    finish();
    place_parameters();
  }

  [[nodiscard]] Program view() const {
    return {builder_.ops, builder_.values, builder_.parameters, builder_.rows,
            output_,      trainable_size_, buffer_size_,        0};
  }

 private:
  using Emit = int (*)(ProgramBuilder&, int);

  /// Norms, sums and activations more often than others: they are what fuses.
  static constexpr std::array<Emit, 24> layers{
      Conv2d<4>::emit,
      Conv2d<4, Kernel<3>>::emit,
      Conv2d<3, Kernel<3>, Stride<2>, Bias>::emit,
      Conv2d<6, Kernel<2>, Dilation<2>, Groups<2>>::emit,
      DepthwiseConv2d<Kernel<3>>::emit,
      BatchNorm2d::emit,
      BatchNorm2d::emit,
      BatchNorm2d::emit,
      BatchNorm2d::emit,
      ReLU::emit,
      ReLU::emit,
      ReLU::emit,
      ReLU6::emit,
      HardSwish::emit,
      MaxPool2d<2>::emit,
      MaxPool2d<3, Stride<1>, Padding<1>>::emit,
      AvgPool2d<3, Stride<2>, Padding<1>>::emit,
      Dropout<Rate<1, 3>>::emit,
      Dropout<Rate<0>>::emit,
      SqueezeExcite<2>::emit,
      Flatten::emit,
      GlobalAvgPool::emit,
      Residual<Stack<Conv2d<4, Kernel<3>>, BatchNorm2d>, Stack<Conv2d<4>, BatchNorm2d>>::emit,
      Residual<BatchNorm2d>::emit,
  };

  [[nodiscard]] int pick(int least, int most) {
    return least + static_cast<int>(rng_.below(static_cast<std::uint32_t>(most - least + 1)));
  }

  /// Mostly the last one.
  [[nodiscard]] int pick_value() {
    const int last = static_cast<int>(builder_.values.size()) - 1;
    return rng_.below(3) > 0 ? last : pick(0, last);
  }

  void add_layer() {
    const int value = pick_value();
    const std::uint32_t kind = rng_.below(10);
    if (kind < 3) return add_sum(value);
    if (kind == 3) return add_concat(value);
    ProgramBuilder longer = builder_;
    layers[rng_.below(static_cast<std::uint32_t>(layers.size()))](longer, value);
    if (!longer.faulty()) builder_ = longer;
  }

  /// The sum with some value of the same shape, perhaps itself.
  void add_sum(int value) {
    int other = pick(0, static_cast<int>(builder_.values.size()) - 1);
    while (builder_.shape(other) != builder_.shape(value)) ++other %= static_cast<int>(builder_.values.size());
    builder_.begin_layer("Add", value);
    builder_.append({.kind = OpKind::add}, {value, other}, builder_.shape(value));
  }

  /// Of up to three values of one extent, perhaps the same ones.
  void add_concat(int value) {
    Op op{.kind = OpKind::concat};
    Shape out = builder_.shape(value);
    out.channels = 0;
    for (int tries = pick(1, 4); tries > 0 && op.operand_count < 3; --tries) {
      const Shape& shape = builder_.shape(value);
      if (shape.height == out.height && shape.width == out.width) {
        op.operands[static_cast<std::size_t>(op.operand_count++)] = value;
        out.channels += shape.channels;
      }
      value = pick_value();
    }
    builder_.begin_layer("Concat", op.operands[0]);
    builder_.append(op, {}, out);
  }

  /// Joins all that nobody read, and classifies it.
  void finish() {
    std::vector<bool> read(builder_.values.size());
    for (const Op& op : builder_.ops) {
      for (int k = 0; k < op.operand_count; ++k) {
        read[static_cast<std::size_t>(op.operands[static_cast<std::size_t>(k)])] = true;
      }
    }
    int joined = -1;
    for (int value = 0; value < static_cast<int>(read.size()); ++value) {
      if (read[static_cast<std::size_t>(value)]) continue;
      const int mean = GlobalAvgPool::emit(builder_, value);
      if (joined < 0) {
        joined = mean;
        continue;
      }
      builder_.begin_layer("Concat", joined);
      joined = builder_.append({.kind = OpKind::concat}, {joined, mean},
                               {builder_.shape(joined).channels + builder_.shape(mean).channels});
    }
    output_ = Linear<3>::emit(builder_, joined);
  }

  void place_parameters() {
    for (const bool wanted : {true, false}) {
      for (Parameter& parameter : builder_.parameters) {
        if (trainable(parameter.role) != wanted) continue;
        parameter.offset = buffer_size_;
        buffer_size_ += (parameter.size + 15) / 16 * 16;
      }
      if (wanted) trainable_size_ = buffer_size_;
    }
  }

  Rng rng_;
  ProgramBuilder builder_;
  int output_ = 0;
  std::size_t trainable_size_ = 0;
  std::size_t buffer_size_ = 0;
};

}  // namespace attar::test
