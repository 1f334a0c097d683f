// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
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
#include <attar/layers/op.hpp>

namespace attar::detail {

/// A convolution or linear layer of a float inference for the shape `S`.
template <ProductShape S, Activation Function, bool HasResidual>
class FloatProduct {
  using Product = std::conditional_t<is_depthwise(S), TiledDepthwise<S, FloatDot>, TiledProduct<S, FloatDot>>;

 public:
  /// `bias` may be empty.
  FloatProduct(std::span<const float> weights, std::span<const float> bias)
      : product_{[&](std::size_t output, std::size_t input, std::size_t tap) {
          return weights[(output * S.inputs() + input) * taps + tap];
        }},
        bias_{bias.empty() ? 0 : Product::padded_channels} {
    std::ranges::copy(bias, bias_.begin());
  }

  [[nodiscard]] static std::string kernel_name() { return "attar tiles, float"; }
  [[nodiscard]] static constexpr std::size_t scratchpad_bytes() noexcept { return Product::scratchpad_bytes(); }

  void execute(const StepPointers& p) const noexcept {
    const std::byte* const image = p.inputs[0];
    const float* const bias = bias_.data();
    product_.run(
        p.scratchpad, 0.0F,
        [image](std::size_t y, float* to) {
          std::memcpy(to, image + y * row_size * sizeof(float), row_size * sizeof(float));
        },
        [bias](std::size_t channel) { return bias == nullptr ? nullptr : bias + channel; },
        [residual = p.residual, output = p.output](const auto& sums, std::size_t pixel, std::size_t channel, auto count)
            __attribute__((always_inline)) {
              finish<count()>(residual, output, sums, pixel * static_cast<std::size_t>(S.out.channels) + channel);
            });
  }

 private:
  static constexpr auto taps = static_cast<std::size_t>(S.window.kernel.height * S.window.kernel.width);
  static constexpr auto row_size = static_cast<std::size_t>(S.in.width) * static_cast<std::size_t>(S.in.channels);

  template <std::size_t Count, std::size_t Vectors>
  [[gnu::always_inline]] static void finish(const std::byte* residual, std::byte* output,
                                            const std::array<FloatDot::Sum, Vectors>& sums, std::size_t at) noexcept {
    for_each_index<int{Vectors}>([&](auto v) {
      constexpr std::size_t first = v * FloatDot::lanes;
      constexpr std::size_t bytes = std::min(Count - first, std::size_t{FloatDot::lanes}) * sizeof(float);
      FloatDot::Sum y = sums[v];
      if constexpr (HasResidual) {
        FloatDot::Sum added{};
        std::memcpy(&added, residual + (at + first) * sizeof(float), bytes);
        y += added;
      }
      y = activate<Function>(y);
      std::memcpy(output + (at + first) * sizeof(float), &y, bytes);
    });
  }

  Product product_;
  AlignedBuffer<float> bias_;
};

}  // namespace attar::detail
