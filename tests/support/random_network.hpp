// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <initializer_list>
#include <vector>

#include <attar/core/rng.hpp>
#include <attar/layers/op.hpp>
#include <attar/layers/program_builder.hpp>
#include <attar/model/network.hpp>
#include <attar/model/program.hpp>

namespace attar::test {

/// A network made at run time, for property tests of inference: random operations on random shapes, with any strides,
/// paddings, dilations and groups, and random parameters. It ends in a linear layer, or now and then in something else.
class RandomNetwork {
 public:
  explicit RandomNetwork(Seed seed, int operations = 10) : rng_{seed}, builder_{start()} {
    int value = 0;
    for (int i = 0; i < operations; ++i) value = step(value);
    value = finish(value);
    place_parameters();
    program_ = {builder_.ops, builder_.values, builder_.parameters, builder_.rows,
                value,        trainable_size_, buffer_size_,        seed.value};
    parameters_.resize(buffer_size_);
    initialize<float>(program_, parameters_, seed);
    roughen();
  }
  RandomNetwork(const RandomNetwork&) = delete;
  RandomNetwork& operator=(const RandomNetwork&) = delete;

  [[nodiscard]] const Program& program() const { return program_; }
  [[nodiscard]] const std::vector<float>& parameters() const { return parameters_; }

  /// Random images, normally distributed; now and then without negative numbers.
  [[nodiscard]] std::vector<float> images(int count) {
    std::vector<float> numbers(static_cast<std::size_t>(count) * program_.input_shape().size());
    const bool positive = pick({0, 0, 1}) == 1;
    for (float& x : numbers) x = positive ? std::abs(rng_.normal()) : rng_.normal();
    return numbers;
  }

 private:
  int pick(std::initializer_list<int> choices) {
    return choices.begin()[rng_.below(static_cast<std::uint32_t>(choices.size()))];
  }
  bool chance(int percent) { return static_cast<int>(rng_.below(100)) < percent; }
  Shape start() { return {pick({1, 2, 3, 4, 8, 16, 17}), pick({5, 7, 8, 12, 14}), pick({5, 8, 9, 12})}; }
  [[nodiscard]] const Shape& shape(int value) const { return builder_.shape(value); }

  int activation(int value) {
    if (chance(30)) return value;
    const auto function = std::array{Activation::relu, Activation::relu, Activation::relu6, Activation::hard_swish,
                                     Activation::hard_sigmoid}[rng_.below(5)];
    return builder_.activation(function, value);
  }

  int convolution(int value) {
    const Shape in = shape(value);
    Window window;
    window.kernel = {pick({1, 3, 3, 5}), pick({1, 3, 3, 2})};
    window.stride = {pick({1, 1, 2}), pick({1, 1, 2})};
    window.dilation = {pick({1, 1, 1, 2}), pick({1, 1, 1, 2})};
    window.padding = {std::min(pick({0, 1, 2}), window.kernel.height / 2),
                      std::min(pick({0, 1}), window.kernel.width / 2)};
    Op op{.kind = OpKind::conv2d, .window = window};
    int outputs = pick({1, 3, 4, 8, 10, 16, 20, 32, 33});
    if (chance(25)) {
      op.groups = in.channels;
      outputs = in.channels;
      if (chance(60)) {  // The usual depthwise convolutions, which have kernels of their own.
        const int kernel = pick({3, 5});
        const int stride = pick({1, 2});
        op.window = {.kernel = {kernel, kernel}, .stride = {stride, stride}, .padding = {kernel / 2, kernel / 2}};
      }
    } else if (in.channels % 2 == 0 && chance(20)) {
      op.groups = 2;
      outputs = 2 * pick({1, 4, 5, 8, 16});
    }
    const Extent out = op.window.output(in);
    if (out.height <= 0 || out.width <= 0) return value;
    builder_.begin_layer("Conv2d", value);
    op.weight = builder_.parameter(
        "weight", Role::weight, {outputs, in.channels / op.groups, op.window.kernel.height, op.window.kernel.width}, 4);
    if (chance(70)) op.bias = builder_.parameter("bias", Role::bias, {outputs}, 1);
    return activation(builder_.append(op, {value}, {outputs, out.height, out.width}));
  }

  int norm(int value) {
    builder_.begin_layer("BatchNorm2d", value);
    const int channels = shape(value).channels;
    Op op{.kind = OpKind::batch_norm, .epsilon = 1e-5, .momentum = 0.1};
    op.weight = builder_.parameter("weight", Role::norm_scale, {channels}, 1);
    op.bias = builder_.parameter("bias", Role::norm_shift, {channels}, 1);
    op.running_mean = builder_.parameter("running_mean", Role::running_mean, {channels}, 1);
    op.running_var = builder_.parameter("running_var", Role::running_var, {channels}, 1);
    return activation(builder_.append(op, {value}, shape(value)));
  }

  int pool(int value) {
    const Shape in = shape(value);
    Window window{.kernel = {pick({2, 3}), pick({2, 3})}, .stride = {pick({1, 2}), pick({1, 2})}};
    window.padding = {pick({0, 1}), pick({0, 1})};
    const Extent out = window.output(in);
    if (out.height <= 0 || out.width <= 0) return value;
    builder_.begin_layer("Pool", value);
    return builder_.append({.kind = chance(50) ? OpKind::max_pool : OpKind::avg_pool, .window = window}, {value},
                           {in.channels, out.height, out.width});
  }

  int squeeze_excite(int value) {
    builder_.begin_layer("SqueezeExcite", value);
    const Shape in = shape(value);
    int gate = builder_.append({.kind = OpKind::global_avg_pool}, {value}, {in.channels, 1, 1});
    gate = builder_.activation(Activation::relu, linear(gate, std::max(1, in.channels / 4)));
    gate = builder_.activation(Activation::hard_sigmoid, linear(gate, in.channels));
    return builder_.append({.kind = OpKind::scale}, {value, gate}, in);
  }

  /// A sum or a concatenation with an earlier value that fits, or nothing.
  int join(int value) {
    std::vector<int> same;
    std::vector<int> alike;
    for (int other = 0; other < static_cast<int>(builder_.values.size()); ++other) {
      if (shape(other) == shape(value)) same.push_back(other);
      const bool extents = shape(other).height == shape(value).height && shape(other).width == shape(value).width;
      if (extents && shape(other).channels + shape(value).channels < 80) alike.push_back(other);
    }
    builder_.begin_layer("Join", value);
    if (!same.empty() && chance(60)) {
      const int other = same[rng_.below(static_cast<std::uint32_t>(same.size()))];
      return activation(builder_.append({.kind = OpKind::add}, {value, other}, shape(value)));
    }
    if (alike.empty()) return value;
    const int other = alike[rng_.below(static_cast<std::uint32_t>(alike.size()))];
    Shape out = shape(value);
    out.channels += shape(other).channels;
    return builder_.append({.kind = OpKind::concat}, {other, value}, out);
  }

  int linear(int value, int outputs) {
    Op op{.kind = OpKind::linear};
    op.weight = builder_.parameter("weight", Role::weight, {outputs, shape(value).channels}, 2);
    if (chance(80)) op.bias = builder_.parameter("bias", Role::bias, {outputs}, 1);
    return builder_.append(op, {value}, {outputs, 1, 1});
  }

  int step(int value) {
    const int kind = static_cast<int>(rng_.below(100));
    if (kind < 50) return convolution(value);
    if (kind < 60) return norm(value);
    if (kind < 80) return join(value);
    if (kind < 85) return squeeze_excite(value);
    return pool(value);
  }

  int finish(int value) {
    if (chance(10) && value != 0) return value;
    builder_.begin_layer("Head", value);
    const Shape in = shape(value);
    const int vector = chance(50)
                           ? builder_.append({.kind = OpKind::global_avg_pool}, {value}, {in.channels, 1, 1})
                           : builder_.append({.kind = OpKind::flatten}, {value}, {static_cast<int>(in.size()), 1, 1});
    if (chance(10)) return vector;
    return linear(vector, pick({1, 2, 10, 100}));
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

  /// Norms and biases that do something.
  void roughen() {
    for (const Parameter& parameter : program_.parameters) {
      if (parameter.role == Role::weight) continue;
      const bool positive = parameter.role == Role::norm_scale || parameter.role == Role::running_var;
      for (std::size_t i = 0; i < parameter.size; ++i) {
        parameters_[parameter.offset + i] = positive ? 0.5F + rng_.uniform() : 0.3F * rng_.normal();
      }
    }
  }

  Rng rng_;
  ProgramBuilder builder_;
  std::size_t trainable_size_ = 0;
  std::size_t buffer_size_ = 0;
  Program program_{};
  std::vector<float> parameters_;
};

}  // namespace attar::test
