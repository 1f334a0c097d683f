// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>
#include <algorithm>
#include <concepts>
#include <cstddef>

#include <attar/backend/kernels/activate.hpp>
#include <attar/backend/kernels/vector.hpp>
#include <attar/backend/operation.hpp>
#include <attar/core/aligned_buffer.hpp>
#include <attar/core/parallel.hpp>
#include <attar/core/shape.hpp>
#include <attar/detail/matrix_map.hpp>

namespace attar::detail {

/// A matrix in memory, row by row, whose rows need not touch. `T` may be const.
template <class T>
using StridedMap = ::Eigen::Map<RowMajorMatrix<T>, ::Eigen::Unaligned, ::Eigen::OuterStride<>>;

/// `rows` x `columns` numbers; each row begins `stride` numbers behind the one before.
template <class T>
[[nodiscard]] StridedMap<T> matrix(T* data, std::size_t rows, std::size_t columns, std::size_t stride) {
  return {data, static_cast<::Eigen::Index>(rows), static_cast<::Eigen::Index>(columns),
          ::Eigen::OuterStride<>{static_cast<::Eigen::Index>(stride)}};
}

/// The shapes of a convolution, and how a block of rows of its output is a matrix product: pixels x (taps x channels)
/// times (taps x channels) x outputs, group by group. Where a window is one pixel the left matrix is the input itself.
class ConvGeometry {
 public:
  ConvGeometry(const Op& op, const Program& program)
      : window_{op.window},
        in_{program.shape(op.operands[0])},
        out_{program.shape(op.output)},
        groups_{static_cast<std::size_t>(op.groups)},
        in_channels_{static_cast<std::size_t>(in_.channels)},
        out_channels_{static_cast<std::size_t>(out_.channels)},
        taps_{static_cast<std::size_t>(window_.kernel.height * window_.kernel.width)} {
    const std::size_t line = static_cast<std::size_t>(out_.width) * depth();
    rows_per_block_ = std::clamp<std::size_t>(block_size / line, 1, static_cast<std::size_t>(out_.height));
  }

  [[nodiscard]] const Shape& in() const noexcept { return in_; }
  [[nodiscard]] const Shape& out() const noexcept { return out_; }
  [[nodiscard]] std::size_t groups() const noexcept { return groups_; }
  [[nodiscard]] std::size_t in_channels() const noexcept { return in_channels_; }
  [[nodiscard]] std::size_t out_channels() const noexcept { return out_channels_; }
  [[nodiscard]] std::size_t outputs_per_group() const noexcept { return out_channels_ / groups_; }
  [[nodiscard]] std::size_t inputs_per_group() const noexcept { return in_channels_ / groups_; }
  /// Columns of the left matrix.
  [[nodiscard]] std::size_t depth() const noexcept { return taps_ * inputs_per_group(); }
  [[nodiscard]] std::size_t weights() const noexcept { return depth() * out_channels_; }
  [[nodiscard]] std::size_t blocks() const noexcept {
    return (static_cast<std::size_t>(out_.height) + rows_per_block_ - 1) / rows_per_block_;
  }
  /// Elements of the left matrix of a block; none where it is the input.
  [[nodiscard]] std::size_t columns_size() const noexcept {
    return is_pointwise() ? 0 : rows_per_block_ * static_cast<std::size_t>(out_.width) * depth();
  }
  [[nodiscard]] bool is_pointwise() const noexcept { return window_ == Window{}; }

  /// The first output pixel of a block and their number.
  struct Pixels {
    std::size_t first;
    std::size_t count;
  };
  [[nodiscard]] Pixels pixels(std::size_t block) const noexcept {
    const auto width = static_cast<std::size_t>(out_.width);
    const std::size_t begin = block * rows_per_block_;
    const std::size_t end = std::min(begin + rows_per_block_, static_cast<std::size_t>(out_.height));
    return {begin * width, (end - begin) * width};
  }

  /// OIHW to (group, tap, input, output).
  void pack(const float* weights, float* packed) const noexcept {
    for_weights([&](std::size_t file, std::size_t place) { packed[place] = weights[file]; });
  }
  /// The way back.
  void unpack(const float* packed, float* weights) const noexcept {
    for_weights([&](std::size_t file, std::size_t place) { weights[file] = packed[place]; });
  }

  /// The left matrix of a block of an image for a group, written to `columns` if need be.
  template <std::same_as<float> Real>
  [[nodiscard]] StridedMap<const Real> left(const Real* image, std::size_t block, std::size_t group,
                                            Real* columns) const {
    const auto [first, count] = pixels(block);
    const Real* from = image + group * inputs_per_group();
    if (is_pointwise()) return matrix(from + first * in_channels_, count, depth(), in_channels_);
    Real* to = columns;
    for_taps(block, [&](std::size_t element, bool inside) {
      if (inside) {
        std::copy_n(from + element, inputs_per_group(), to);
      } else {
        std::fill_n(to, inputs_per_group(), Real{0});
      }
      to += inputs_per_group();
    });
    return matrix(static_cast<const Real*>(columns), count, depth(), depth());
  }

  /// Adds the gradient of a left matrix to that of the image.
  void add_left(const float* columns, std::size_t block, std::size_t group, float* image) const {
    float* to = image + group * inputs_per_group();
    for_taps(block, [&](std::size_t element, bool inside) {
      for (std::size_t c = 0; inside && c < inputs_per_group(); ++c) to[element + c] += columns[c];
      columns += inputs_per_group();
    });
  }

 private:
  static constexpr std::size_t block_size = 32768;

  /// Calls `body(element, inside)` for every pixel of the block and every tap: where the tap's pixel of the input is.
  template <class Body>
  void for_taps(std::size_t block, Body&& body) const {
    const auto [first, count] = pixels(block);
    const auto width = static_cast<std::size_t>(out_.width);
    for (std::size_t pixel = first; pixel < first + count; ++pixel) {
      const int top = static_cast<int>(pixel / width) * window_.stride.height - window_.padding.height;
      const int left = static_cast<int>(pixel % width) * window_.stride.width - window_.padding.width;
      for (int y = 0; y < window_.kernel.height; ++y) {
        const int row = top + y * window_.dilation.height;
        for (int x = 0; x < window_.kernel.width; ++x) {
          const int column = left + x * window_.dilation.width;
          const bool inside = row >= 0 && row < in_.height && column >= 0 && column < in_.width;
          body(inside ? static_cast<std::size_t>(row * in_.width + column) * in_channels_ : 0, inside);
        }
      }
    }
  }

  template <class Body>
  void for_weights(Body&& body) const {
    const std::size_t outputs = outputs_per_group();
    const std::size_t inputs = inputs_per_group();
    for (std::size_t output = 0; output < out_channels_; ++output) {
      const std::size_t group = output / outputs;
      for (std::size_t input = 0; input < inputs; ++input) {
        for (std::size_t tap = 0; tap < taps_; ++tap) {
          body((output * inputs + input) * taps_ + tap,
               ((group * taps_ + tap) * inputs + input) * outputs + output % outputs);
        }
      }
    }
  }

  Window window_;
  Shape in_;
  Shape out_;
  std::size_t groups_;
  std::size_t in_channels_;
  std::size_t out_channels_;
  std::size_t taps_;
  std::size_t rows_per_block_ = 1;
};

/// A block of rows of one image: output = function(input * weights + bias [+ residual]). `packed` is what
/// `ConvGeometry::pack` made; `columns` has `columns_size()` elements. `bias` and `residual` may be null.
template <std::same_as<float> Real>
void convolve_block(const ConvGeometry& geometry, std::size_t block, const Real* image, const Real* packed,
                    const Real* bias, const Real* residual, Activation function, Real* columns, Real* output) noexcept {
  const std::size_t channels = geometry.out_channels();
  const std::size_t outputs = geometry.outputs_per_group();
  const auto [first, count] = geometry.pixels(block);
  for (std::size_t group = 0; group < geometry.groups(); ++group) {
    const Real* weights = packed + group * geometry.depth() * outputs;
    matrix(output + first * channels + group * outputs, count, outputs, channels).noalias() =
        geometry.left(image, block, group, columns) * matrix(weights, geometry.depth(), outputs, outputs);
  }
  if (bias == nullptr && residual == nullptr && function == Activation::none) return;
  with_activation(function, [&]<Activation Function>(ActivationConstant<Function>) {
    for (std::size_t pixel = first; pixel < first + count; ++pixel) {
      for_lanes(0, channels, [&](std::size_t c, auto lanes) {
        const std::size_t i = pixel * channels + c;
        auto value = load(output + i, lanes);
        if (bias != nullptr) value += load(bias + c, lanes);
        if (residual != nullptr) value += load(residual + i, lanes);
        store(output + i, activate<Function>(value), lanes);
      });
    }
  });
}

/// A convolution in training, by matrix products in Eigen. A template (as what computes with Eigen is here) so that
/// Eigen's expressions are compiled only where it is used.
template <std::same_as<float> Real>
class EigenConv2d final : public Operation<Real, Real> {
 public:
  using typename Operation<Real, Real>::Arguments;

  explicit EigenConv2d(const OperationContext& context)
      : geometry_{context.op, context.program},
        batch_{static_cast<std::size_t>(context.batch)},
        workers_{std::min(static_cast<std::size_t>(thread_count()), batch_)},
        weight_at_{context.program.parameter(context.op.weight).offset},
        has_bias_{context.op.bias >= 0},
        bias_at_{has_bias_ ? context.program.parameter(context.op.bias).offset : 0},
        packed_{geometry_.weights()},
        scratch_size_{geometry_.columns_size() + left_gradient_size() + geometry_.weights() + geometry_.out_channels()},
        scratch_{workers_ * scratch_size_} {}

  void forward(const Arguments& arguments) override {
    geometry_.pack(arguments.parameters + weight_at_, packed_.data());
    const Real* bias = has_bias_ ? arguments.parameters + bias_at_ : nullptr;
    for_images([&](std::size_t image, Real* scratch) {
      for (std::size_t block = 0; block < geometry_.blocks(); ++block) {
        convolve_block<Real>(geometry_, block, arguments.inputs[0] + image * geometry_.in().size(), packed_.data(),
                             bias, nullptr, Activation::none, scratch,
                             arguments.output + image * geometry_.out().size());
      }
    });
  }

  void backward(const Arguments& arguments) override {
    for (std::size_t worker = 0; worker < workers_; ++worker) {
      std::fill_n(weight_gradient(scratch_of(worker)), geometry_.weights() + geometry_.out_channels(), Real{0});
    }
    for_images([&](std::size_t image, Real* scratch) { differentiate(arguments, image, scratch); });
    Real* total = weight_gradient(scratch_of(0));
    for (std::size_t worker = 1; worker < workers_; ++worker) {
      const Real* part = weight_gradient(scratch_of(worker));
      for (std::size_t i = 0; i < geometry_.weights() + geometry_.out_channels(); ++i) total[i] += part[i];
    }
    geometry_.unpack(total, arguments.gradients + weight_at_);
    if (has_bias_) std::copy_n(total + geometry_.weights(), geometry_.out_channels(), arguments.gradients + bias_at_);
  }

 private:
  /// Calls `body(image, scratch)` for all images. Each worker has a fixed share of them and scratch of its own.
  template <class Body>
  void for_images(Body&& body) {
    parallel_for(workers_, [&](std::size_t worker) {
      const std::size_t end = batch_ * (worker + 1) / workers_;
      for (std::size_t image = batch_ * worker / workers_; image < end; ++image) body(image, scratch_of(worker));
    });
  }

  // The scratch of a worker holds, in this order: the left matrix, its gradient, the gradients of weights and bias.
  [[nodiscard]] Real* scratch_of(std::size_t worker) { return scratch_.data() + worker * scratch_size_; }
  [[nodiscard]] std::size_t left_gradient_size() const {
    return std::max(geometry_.columns_size(), geometry_.pixels(0).count * geometry_.depth());
  }
  [[nodiscard]] Real* left_gradient(Real* scratch) const { return scratch + geometry_.columns_size(); }
  [[nodiscard]] Real* weight_gradient(Real* scratch) const { return left_gradient(scratch) + left_gradient_size(); }

  void differentiate(const Arguments& arguments, std::size_t image, Real* scratch) {
    const Real* input = arguments.inputs[0] + image * geometry_.in().size();
    const Real* gradient = arguments.output_gradient + image * geometry_.out().size();
    Real* result = arguments.input_gradients[0];
    if (result != nullptr) {
      result += image * geometry_.in().size();
      if (!arguments.accumulate[0]) std::fill_n(result, geometry_.in().size(), Real{0});
    }
    Real* of_weights = weight_gradient(scratch);
    const std::size_t channels = geometry_.out_channels();
    const std::size_t outputs = geometry_.outputs_per_group();
    for (std::size_t block = 0; block < geometry_.blocks(); ++block) {
      const auto [first, count] = geometry_.pixels(block);
      for (std::size_t group = 0; group < geometry_.groups(); ++group) {
        const std::size_t at = group * geometry_.depth() * outputs;
        const auto right = matrix(gradient + first * channels + group * outputs, count, outputs, channels);
        matrix(of_weights + at, geometry_.depth(), outputs, outputs).noalias() +=
            geometry_.left(input, block, group, scratch).transpose() * right;
        if (result == nullptr) continue;
        const StridedMap<const Real> weights =
            matrix(static_cast<const Real*>(packed_.data() + at), geometry_.depth(), outputs, outputs);
        matrix(left_gradient(scratch), count, geometry_.depth(), geometry_.depth()).noalias() =
            right * weights.transpose();
        geometry_.add_left(left_gradient(scratch), block, group, result);
      }
    }
    if (!has_bias_) return;
    Real* of_bias = of_weights + geometry_.weights();
    for (std::size_t i = 0; i < geometry_.out().size(); ++i) of_bias[i % channels] += gradient[i];
  }

  ConvGeometry geometry_;
  std::size_t batch_;
  std::size_t workers_;
  std::size_t weight_at_;
  bool has_bias_;
  std::size_t bias_at_;
  AlignedBuffer<Real> packed_;
  std::size_t scratch_size_;
  AlignedBuffer<Real> scratch_;
};

}  // namespace attar::detail
