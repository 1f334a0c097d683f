// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>

#include <attar/backend/kernels/activate.hpp>
#include <attar/backend/kernels/depthwise.hpp>
#include <attar/backend/operation.hpp>
#include <attar/core/aligned_buffer.hpp>
#include <attar/core/parallel.hpp>
#include <attar/core/shape.hpp>

namespace attar::detail {

/// A depthwise convolution with a kernel of 3 x 3 or 5 x 5 and stride 1 or 2, on activations kept as float or bf16 with
/// weights in float.
template <class Storage>
class DepthwiseConvolution {
 public:
  /// Whether there are loops for this operation; other depthwise convolutions are left to the backends.
  [[nodiscard]] static bool handles(const Op& op, const Program& program) noexcept {
    const Window& w = op.window;
    const int channels = program.shape(op.operands[0]).channels;
    return op.kind == OpKind::conv2d && op.groups == channels && program.shape(op.output).channels == channels &&
           w.kernel.height == w.kernel.width && (w.kernel.width == 3 || w.kernel.width == 5) &&
           w.stride.height == w.stride.width && (w.stride.width == 1 || w.stride.width == 2) &&
           w.dilation == Extent{1, 1} && w.padding.height < w.kernel.height && w.padding.width < w.kernel.width;
  }

  DepthwiseConvolution(const Op& op, const Program& program)
      : window_{op.window},
        in_{program.shape(op.operands[0])},
        out_{program.shape(op.output)},
        channels_{static_cast<std::size_t>(in_.channels)},
        taps_{static_cast<std::size_t>(window_.kernel.height * window_.kernel.width)},
        zeros_{channels_} {}

  [[nodiscard]] std::size_t channels() const noexcept { return channels_; }
  [[nodiscard]] std::size_t weights() const noexcept { return taps_ * channels_; }
  [[nodiscard]] const Shape& in() const noexcept { return in_; }
  [[nodiscard]] const Shape& out() const noexcept { return out_; }

  /// C x 1 x KH x KW to taps x channels.
  void pack(const float* weights, float* packed) const noexcept {
    for (std::size_t c = 0; c < channels_; ++c) {
      for (std::size_t tap = 0; tap < taps_; ++tap) packed[tap * channels_ + c] = weights[c * taps_ + tap];
    }
  }
  /// The way back.
  void unpack(const float* packed, float* weights) const noexcept {
    for (std::size_t c = 0; c < channels_; ++c) {
      for (std::size_t tap = 0; tap < taps_; ++tap) weights[c * taps_ + tap] = packed[tap * channels_ + c];
    }
  }

  /// output = function(input * weights + bias [+ residual]). `bias` and `residual` may be null; `residual` may be
  /// `output`.
  void forward(std::size_t batch, const Storage* input, const float* packed, const float* bias, const Storage* residual,
               Activation function, Storage* output) const noexcept {
    const DepthwiseTaps taps{packed, static_cast<std::ptrdiff_t>(channels_)};
    const std::size_t size = static_cast<std::size_t>(out_.width) * channels_;
    for_rows(batch, out_, [&](std::size_t image, int row, std::size_t line) {
      const Target to{output + line * size, out_.width, false, bias,
                      residual == nullptr ? nullptr : residual + line * size};
      with_kernel([&]<int Kernel, int Stride>(Lanes<Kernel>, Lanes<Stride>) {
        convolve<Kernel, Stride>(image_of(input, in_, image), row * Stride - window_.padding.height,
                                 -window_.padding.width, taps, to);
      });
      if (function != Activation::none) activate_row(function, size, to.data);
    });
  }

  /// The gradient of the input from that of the output.
  void backward_input(std::size_t batch, const Storage* gradient, const float* packed, bool accumulate,
                      Storage* result) const noexcept {
    const auto step = static_cast<std::ptrdiff_t>(channels_);
    const DepthwiseTaps taps{packed, step};
    const DepthwiseTaps reversed{packed + (taps_ - 1) * channels_, -step};
    for_rows(batch, in_, [&](std::size_t image, int row, std::size_t line) {
      const Target to{result + line * static_cast<std::size_t>(in_.width) * channels_, in_.width, accumulate, nullptr,
                      nullptr};
      const PaddedImage<Storage> from = image_of(gradient, out_, image);
      with_kernel([&]<int Kernel, int Stride>(Lanes<Kernel>, Lanes<Stride>) {
        if constexpr (Stride == 1) {
          convolve<Kernel, 1>(from, row - (Kernel - 1 - window_.padding.height), window_.padding.width - (Kernel - 1),
                              reversed, to);
        } else {
          spread_row<Kernel, 8>(from, row + window_.padding.height, window_.padding.width, in_.width, taps,
                                into(to, channels_));
        }
      });
    });
  }

  /// Adds the gradients of the packed weights to `sums`, and of the bias to `total` if that is not null, for one image.
  void backward_weights(std::size_t image, const Storage* input, const Storage* gradient, float* sums,
                        float* total) const noexcept {
    const std::size_t line = static_cast<std::size_t>(out_.width) * channels_;
    const int rows =
        static_cast<int>(std::clamp<std::size_t>(tile_size / line, 1, static_cast<std::size_t>(out_.height)));
    with_kernel([&]<int Kernel, int Stride>(Lanes<Kernel>, Lanes<Stride>) {
      for (int row = 0; row < out_.height; row += rows) {
        correlate_rows<Kernel, Stride>(image_of(input, in_, image), image_of(gradient, out_, image),
                                       window_.padding.height, window_.padding.width, row,
                                       std::min(rows, out_.height - row), sums, total);
      }
    });
  }

 private:
  static constexpr std::size_t tile_size = 8192;

  [[nodiscard]] PaddedImage<Storage> image_of(const Storage* data, const Shape& shape, std::size_t image) const {
    return {data + image * shape.size(), shape.height, shape.width, channels_, zeros_.data()};
  }

  /// Calls `body(image, row, line)` for all rows of `batch` maps of `shape`, on several threads; `line` counts the rows
  /// of all images.
  template <class Body>
  static void for_rows(std::size_t batch, const Shape& shape, Body&& body) {
    const auto height = static_cast<std::size_t>(shape.height);
    parallel_for(batch * height, [&](std::size_t line) { body(line / height, static_cast<int>(line % height), line); });
  }

  template <class Body>
  void with_kernel(Body&& body) const {
    const bool small = window_.kernel.width == 3;
    if (window_.stride.width == 1) {
      if (small) return body(Lanes<3>{}, Lanes<1>{});
      return body(Lanes<5>{}, Lanes<1>{});
    }
    if (small) return body(Lanes<3>{}, Lanes<2>{});
    return body(Lanes<5>{}, Lanes<2>{});
  }

  /// Where a row of results goes.
  struct Target {
    Storage* data;
    int columns;
    bool accumulate;          ///< Add to what is there.
    const float* bias;        ///< Null: none.
    const Storage* residual;  ///< Null: none. May be where the result goes.
  };

  /// Puts sums into the target. It holds a copy: what a store might change would be read again for every vector.
  [[nodiscard]] static auto into(const Target& to, std::size_t channels) {
    return [to, channels](int column, std::size_t c, auto sum, auto lanes) {
      const std::size_t i = static_cast<std::size_t>(column) * channels + c;
      if (to.bias != nullptr) sum += load(to.bias + c, lanes);
      if (to.residual != nullptr) sum += load(to.residual + i, lanes);
      put(to.data + i, sum, to.accumulate, lanes);
    };
  }

  /// `convolve_row` with as many pixels side by side as the row is worth. Not inlined: forward and backward share it.
  template <int Kernel, int Stride>
  [[gnu::noinline]] static void convolve(const PaddedImage<Storage>& image, int top, int left, DepthwiseTaps taps,
                                         const Target& to) {
    if (to.columns > 4) {
      convolve_row<Kernel, Stride, 8>(image, top, left, to.columns, taps, into(to, image.channels));
    } else {
      convolve_row<Kernel, Stride, 4>(image, top, left, to.columns, taps, into(to, image.channels));
    }
  }

  /// In a pass of its own, while the row is in the cache: with all functions in them the loops above would be many.
  static void activate_row(Activation function, std::size_t size, Storage* row) {
    with_activation(function, [&]<Activation Function>(ActivationConstant<Function>) {
      for_lanes(0, size,
                [&](std::size_t i, auto lanes) { store(row + i, activate<Function>(load(row + i, lanes)), lanes); });
    });
  }

  Window window_;
  Shape in_;
  Shape out_;
  std::size_t channels_;
  std::size_t taps_;
  AlignedBuffer<Storage> zeros_;
};

/// A depthwise convolution in training. Gradients of the weights are summed per part of the batch and then in order, so
/// they are the same for any number of threads.
template <class Storage>
class DepthwiseConv2dKernel final : public Operation<Storage, float> {
 public:
  using typename Operation<Storage, float>::Arguments;

  explicit DepthwiseConv2dKernel(const OperationContext& context)
      : convolution_{context.op, context.program},
        batch_{static_cast<std::size_t>(context.batch)},
        parts_{std::min<std::size_t>(batch_, 16)},
        weight_at_{context.program.parameter(context.op.weight).offset},
        has_bias_{context.op.bias >= 0},
        bias_at_{has_bias_ ? context.program.parameter(context.op.bias).offset : 0},
        packed_{convolution_.weights()},
        part_size_{convolution_.weights() + convolution_.channels()},
        sums_{parts_ * part_size_} {}

  void forward(const Arguments& arguments) override {
    convolution_.pack(arguments.parameters + weight_at_, packed_.data());
    convolution_.forward(batch_, arguments.inputs[0], packed_.data(),
                         has_bias_ ? arguments.parameters + bias_at_ : nullptr, nullptr, Activation::none,
                         arguments.output);
  }

  void backward(const Arguments& arguments) override {
    parallel_for(parts_, [&](std::size_t part) {
      float* sums = sums_.data() + part * part_size_;
      std::fill_n(sums, part_size_, 0.0F);
      for (std::size_t image = batch_ * part / parts_; image < batch_ * (part + 1) / parts_; ++image) {
        convolution_.backward_weights(image, arguments.inputs[0], arguments.output_gradient, sums,
                                      has_bias_ ? sums + convolution_.weights() : nullptr);
      }
    });
    for (std::size_t part = 1; part < parts_; ++part) {
      for (std::size_t i = 0; i < part_size_; ++i) sums_[i] += sums_[part * part_size_ + i];
    }
    convolution_.unpack(sums_.data(), arguments.gradients + weight_at_);
    if (has_bias_) {
      std::copy_n(sums_.data() + convolution_.weights(), convolution_.channels(), arguments.gradients + bias_at_);
    }
    if (arguments.input_gradients[0] == nullptr) return;
    convolution_.backward_input(batch_, arguments.output_gradient, packed_.data(), arguments.accumulate[0],
                                arguments.input_gradients[0]);
  }

 private:
  DepthwiseConvolution<Storage> convolution_;
  std::size_t batch_;
  std::size_t parts_;
  std::size_t weight_at_;
  bool has_bias_;
  std::size_t bias_at_;
  AlignedBuffer<float> packed_;
  std::size_t part_size_;
  AlignedBuffer<float> sums_;
};

}  // namespace attar::detail
