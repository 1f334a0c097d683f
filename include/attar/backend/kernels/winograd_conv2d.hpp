// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <vector>

#include <attar/backend/kernels/micro_product.hpp>
#include <attar/backend/kernels/vector.hpp>
#include <attar/backend/kernels/winograd.hpp>
#include <attar/backend/kernels/winograd_rows.hpp>
#include <attar/backend/operation.hpp>
#include <attar/core/aligned_buffer.hpp>
#include <attar/core/parallel.hpp>
#include <attar/core/shape.hpp>

namespace attar::detail {

/// Convolution with a kernel of 3 x 3 by Winograd's algorithm: fewer than half of the multiplications of the plain one,
/// all of them in float, whatever the maps are kept in.
template <class Storage>
class WinogradConv2d final : public Operation<Storage, float> {
 public:
  using typename Operation<Storage, float>::Arguments;

  /// Whether this operation can be done here.
  [[nodiscard]] static bool handles(const Op& op, const Program& program) noexcept {
    const Window& w = op.window;
    return op.kind == OpKind::conv2d && op.groups == 1 && op.bias < 0 && w.kernel == Extent{3, 3} &&
           w.stride == Extent{1, 1} && w.dilation == Extent{1, 1} && w.padding.height <= 2 && w.padding.width <= 2 &&
           program.shape(op.operands[0]).channels % static_cast<int>(micro_rows) == 0 &&
           program.shape(op.output).channels % static_cast<int>(micro_rows) == 0;
  }

  /// Whether it is also faster than plain multiplication at the machine's peak. With few channels the transforms eat up
  /// the gain, with many the transformed weights no longer fit into the cache.
  [[nodiscard]] static bool pays(const Op& op, const Program& program) noexcept {
    const int in = program.shape(op.operands[0]).channels;
    const int out = program.shape(op.output).channels;
    return native_lanes >= 16 && handles(op, program) && in + out >= 48 && in * out <= 256 * 256;
  }

  explicit WinogradConv2d(const OperationContext& context)
      : offset_{context.program.parameter(context.op.weight).offset},
        forward_{context.batch, context.program.shape(context.op.operands[0]), context.program.shape(context.op.output),
                 context.op.window.padding},
        backward_{context.batch,
                  context.program.shape(context.op.output),
                  context.program.shape(context.op.operands[0]),
                  {2 - context.op.window.padding.height, 2 - context.op.window.padding.width}},
        channels_{forward_.in_channels()},
        outputs_{forward_.out_channels()},
        transformed_weights_{points * channels_ * outputs_} {}

  void forward(const Arguments& a) override {
    transform_weights(a.parameters + offset_, false);
    convolve(forward_, a.inputs[0], a.output, false);
  }

  void backward(const Arguments& a) override {
    compute_weight_gradient(a.inputs[0], a.output_gradient, a.gradients + offset_);
    if (a.input_gradients[0] == nullptr) return;
    transform_weights(a.parameters + offset_, true);
    convolve(backward_, a.output_gradient, a.input_gradients[0], a.accumulate[0]);
  }

 private:
  static constexpr std::size_t points = winograd::points;
  static constexpr Lanes<native_lanes> lanes{};
  using Vector = Floats<native_lanes>;

  /// Memory of the calling thread.
  static float* scratch(std::size_t count) {
    static thread_local AlignedBuffer<float> buffer;
    if (buffer.size() < count) buffer = AlignedBuffer<float>{count};
    return buffer.data();
  }

  /// O x I x 3 x 3 to points x I x O; for the gradient of the input, turned by half and points x O x I.
  void transform_weights(const float* weights, bool turned) {
    const std::size_t rows = turned ? outputs_ : channels_;
    const std::size_t columns = turned ? channels_ : outputs_;
    parallel_for(rows, [&](std::size_t row) {
      for (std::size_t column = 0; column < columns; column += native_lanes) {
        winograd::Tile<Vector, 3, 3> kernel;
        for (std::size_t lane = 0; lane < native_lanes; ++lane) {
          const std::size_t out = turned ? row : column + lane;
          const std::size_t in = turned ? column + lane : row;
          const float* taps = weights + (out * channels_ + in) * 9;
          for (std::size_t tap = 0; tap < 9; ++tap) kernel[tap / 3][tap % 3][lane] = taps[turned ? 8 - tap : tap];
        }
        const auto result = winograd::transform_weights(kernel);
        for (std::size_t point = 0; point < points; ++point) {
          store(transformed_weights_.data() + (point * rows + row) * columns + column, result[point / 4][point % 4],
                lanes);
        }
      }
    });
  }

  void convolve(const WinogradRows<Storage>& maps, const Storage* input, Storage* output, bool accumulate) {
    const std::size_t in = maps.in_channels();
    const std::size_t out = maps.out_channels();
    const std::size_t in_stride = maps.point_stride(in);
    const std::size_t out_stride = maps.point_stride(out);
    parallel_ranges(maps.blocks(), [&](std::size_t begin, std::size_t end, std::size_t) {
      float* const transformed = scratch(points * (in_stride + out_stride));
      float* const products = transformed + points * in_stride;
      for (std::size_t block = begin; block < end; ++block) {
        const std::size_t count = maps.transform_input(block, input, transformed);
        const std::size_t rows = (count + micro_rows - 1) / micro_rows * micro_rows;
        for (std::size_t point = 0; point < points; ++point) {
          block_product(rows, out, in, {transformed + point * in_stride, in, 1},
                        transformed_weights_.data() + point * in * out, out, products + point * out_stride, out, false);
        }
        maps.transform_output(block, products, output, accumulate);
      }
    });
  }

  void compute_weight_gradient(const Storage* input, const Storage* output_gradient, float* gradient) {
    const std::size_t in_stride = forward_.point_stride(channels_);
    const std::size_t out_stride = forward_.point_stride(outputs_);
    const auto threads = static_cast<std::size_t>(thread_count());
    if (sums_.size() < threads) sums_.resize(threads);
    for (AlignedBuffer<float>& sum : sums_) {
      if (sum.empty()) sum = AlignedBuffer<float>{points * channels_ * outputs_};
    }
    used_.assign(threads, 0);
    parallel_ranges(forward_.blocks(), [&](std::size_t begin, std::size_t end, std::size_t thread) {
      used_[thread] = 1;
      float* const transformed = scratch(points * (in_stride + out_stride));
      float* const slopes = transformed + points * in_stride;
      for (std::size_t block = begin; block < end; ++block) {
        const std::size_t count = forward_.transform_input(block, input, transformed);
        forward_.transform_output_gradient(block, output_gradient, slopes);
        for (std::size_t point = 0; point < points; ++point) {
          block_product(channels_, outputs_, count, {transformed + point * in_stride, 1, channels_},
                        slopes + point * out_stride, outputs_, sums_[thread].data() + point * channels_ * outputs_,
                        outputs_, block != begin);
        }
      }
    });
    parallel_for(channels_, [&](std::size_t in) {
      for (std::size_t out = 0; out < outputs_; out += native_lanes) {
        winograd::Tile<Vector, 4, 4> sum{};
        for (std::size_t thread = 0; thread < threads; ++thread) {
          if (used_[thread] == 0) continue;
          for (std::size_t i = 0; i < points; ++i) {
            sum[i / 4][i % 4] += load(sums_[thread].data() + (i * channels_ + in) * outputs_ + out, lanes);
          }
        }
        const auto result = winograd::transform_weight_gradient(sum);
        for (std::size_t lane = 0; lane < native_lanes; ++lane) {
          float* taps = gradient + ((out + lane) * channels_ + in) * 9;
          for (std::size_t tap = 0; tap < 9; ++tap) taps[tap] = result[tap / 3][tap % 3][lane];
        }
      }
    });
  }

  std::size_t offset_;
  WinogradRows<Storage> forward_, backward_;
  std::size_t channels_, outputs_;
  AlignedBuffer<float> transformed_weights_;
  std::vector<AlignedBuffer<float>> sums_;  ///< Of each thread.
  std::vector<char> used_;                  ///< Whether a thread had a part of the batch.
};

}  // namespace attar::detail
