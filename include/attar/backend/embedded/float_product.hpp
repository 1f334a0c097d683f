// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <span>
#include <string>
#include <type_traits>

#include <attar/backend/embedded/depthwise.hpp>
#include <attar/backend/embedded/dot.hpp>
#include <attar/backend/embedded/product.hpp>
#include <attar/backend/embedded/tiling.hpp>
#include <attar/backend/kernels/activate.hpp>
#include <attar/backend/kernels/vector.hpp>
#include <attar/backend/step_session.hpp>
#include <attar/core/aligned_buffer.hpp>
#include <attar/detail/whole_range.hpp>
#include <attar/layers/op.hpp>

namespace attar::detail {

/// What follows the sums of a convolution or linear layer in float: residual (if there is one) and activation.
template <Activation Function>
struct FloatFinish {
  std::size_t channels;
  const std::byte* residual;  ///< Or null.
  std::byte* output;

  /// As that of `Int8Finish`.
  template <std::size_t Count, std::size_t Vectors>
  [[gnu::noinline]] void put(const FloatDot::Sum (*sums)[Vectors], std::size_t pixels, std::size_t pixel,
                             std::size_t channel) const noexcept {
    put_here<Count>(sums, pixels, pixel, channel);
  }
  /// The same, inlined.
  template <std::size_t Count, std::size_t Vectors>
  [[gnu::always_inline]] void put_here(const FloatDot::Sum (*sums)[Vectors], std::size_t pixels, std::size_t pixel,
                                       std::size_t channel) const noexcept {
    const std::byte* const added = residual;
    std::byte* const to = output;
    const std::size_t step = channels * sizeof(float);
    std::size_t at = pixel * step + channel * sizeof(float);
    for (std::size_t p = 0; p < pixels; ++p, at += step) {
#pragma GCC unroll 32
      for (std::size_t v = 0; v < Vectors; ++v) {
        const std::size_t first = v * FloatDot::lanes;
        const std::size_t bytes = std::min(Count - first, std::size_t{FloatDot::lanes}) * sizeof(float);
        FloatDot::Sum y = sums[p][v];
        if (added != nullptr) {
          FloatDot::Sum numbers{};
          std::memcpy(&numbers, added + at + first * sizeof(float), bytes);
          y += numbers;
        }
        y = activate<Function>(y);
        std::memcpy(to + at + first * sizeof(float), &y, bytes);
      }
    }
  }
};

/// A convolution or linear layer of a float inference: its constants, as the kernel of its shape wants them.
class FloatProduct {
 public:
  /// `bias` may be empty.
  FloatProduct(const ProductShape& shape, std::span<const float> weights, std::span<const float> bias)
      : bias_{static_cast<std::size_t>(shape.out.channels) + FloatDot::lanes} {
    detail::copy(bias, bias_.begin());
    if (is_depthwise(shape)) {
      pack(DepthwisePlan<FloatDot>{shape}, weights);
    } else {
      pack(ProductPlan<FloatDot>{shape}, weights);
    }
  }

  /// Computes one image by a kernel of shape `S`, the one that this was made with.
  template <ProductShape S, Activation Function>
  void execute(const StepPointers& p) const noexcept {
    using Kernel = std::conditional_t<is_depthwise(S), TiledDepthwise<S, FloatDot>, TiledProduct<S, FloatDot>>;
    const FloatFinish<Function> finish{static_cast<std::size_t>(S.out.channels), p.residual, p.output};
    Kernel::run(weights_.data(), bias_.data(), Rows{p.inputs[0]}, p.scratchpad, finish);
  }

  [[nodiscard]] static std::size_t scratchpad_bytes(const ProductShape& shape) noexcept {
    return is_depthwise(shape) ? DepthwisePlan<FloatDot>{shape}.scratchpad_bytes()
                               : ProductPlan<FloatDot>{shape}.scratchpad_bytes();
  }
  [[nodiscard]] static std::string kernel_name(const ProductShape&) { return "attar tiles, float"; }

 private:
  /// The rows of an image, as `copy_rows` takes them.
  struct Rows {
    const std::byte* image;

    void pad(float* to, std::size_t count) const noexcept { std::memset(to, 0, count * sizeof(float)); }
    void copy(std::size_t first, std::size_t count, float* to) const noexcept {
      // Without what it costs to start the C library's.
      const auto* const from = reinterpret_cast<const float*>(image) + first;
      for_lanes(0, count, [&](std::size_t i, auto lanes) { store(to + i, load(from + i, lanes), lanes); });
    }
    [[nodiscard]] static constexpr bool is_in_place() noexcept { return true; }
    [[nodiscard]] const float* in_place(std::size_t first) const noexcept {
      return reinterpret_cast<const float*>(image) + first;
    }
  };

  template <class Plan>
  void pack(const Plan& plan, std::span<const float> weights) {
    weights_ = AlignedBuffer<float>{plan.packed_weights()};
    plan.pack(weights, weights_.data());
  }

  AlignedBuffer<float> weights_;
  AlignedBuffer<float> bias_;
};

}  // namespace attar::detail
