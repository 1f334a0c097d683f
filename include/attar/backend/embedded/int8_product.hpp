// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <type_traits>

#include <attar/backend/embedded/depthwise.hpp>
#include <attar/backend/embedded/dot.hpp>
#include <attar/backend/embedded/int8_output.hpp>
#include <attar/backend/embedded/product.hpp>
#include <attar/backend/embedded/tiling.hpp>
#include <attar/backend/int8_program.hpp>
#include <attar/backend/kernels/int8.hpp>
#include <attar/backend/step_session.hpp>
#include <attar/core/aligned_buffer.hpp>

namespace attar::detail {

/// A convolution or linear layer of an int8 inference for the shape `S`.
template <ProductShape S, Activation Function, bool HasResidual, bool FloatOutput>
class Int8Product {
  using Dot = std::conditional_t<is_depthwise(S), Int8LaneDot, Int8Dot>;
  using Product = std::conditional_t<is_depthwise(S), TiledDepthwise<S, Dot>, TiledProduct<S, Dot>>;
  using Element = typename Dot::Element;

 public:
  Int8Product(const Int8Op& op, std::span<const std::int8_t> weights)
      : signed_input_{op.signed_operands[0]},
        product_{[&](std::size_t output, std::size_t input, std::size_t tap) {
          return typename Dot::Weight{weights[(output * S.inputs() + input) * taps + tap]};
        }},
        output_{op, Product::padded_channels} {
    const int shift = Dot::shift(signed_input_);
    if (shift == 0) return;
    starts_ = AlignedBuffer<std::int32_t>{Product::padded_channels};
    const std::size_t filter = S.inputs() * taps;
    for (std::size_t i = 0; i < weights.size(); ++i) starts_[i / filter] -= shift * weights[i];
  }

  [[nodiscard]] static std::string kernel_name() { return std::string{"attar tiles, "} + Dot::name(); }
  [[nodiscard]] static constexpr std::size_t scratchpad_bytes() noexcept { return Product::scratchpad_bytes(); }

  void execute(const StepPointers& p) const noexcept {
    const std::byte* const image = p.inputs[0];
    const std::int32_t* const starts = starts_.data();
    product_.run(
        p.scratchpad, static_cast<Element>(Dot::shift(signed_input_)),
        [&](std::size_t y, Element* to) { copy_row(image + y * row_size, to); },
        [starts](std::size_t channel) { return starts == nullptr ? nullptr : starts + channel; }, output_.at(p));
  }

 private:
  static constexpr auto taps = static_cast<std::size_t>(S.window.kernel.height * S.window.kernel.width);
  static constexpr auto row_size = static_cast<std::size_t>(S.in.width) * static_cast<std::size_t>(S.in.channels);

  void copy_row(const std::byte* from, Element* to) const noexcept {
    with_byte_type(signed_input_, [&]<class From>(From) {
      constexpr auto shift = static_cast<Element>(Dot::shift(std::is_signed_v<From>));
      constexpr Lanes<16> lanes{};
      constexpr std::size_t vectors = row_size / 16 * 16;
      for (std::size_t i = 0; i < vectors; i += 16) {
        using Elements = Bytes<Element, 16>;
        const Elements elements = __builtin_convertvector(load_bytes(as<From>(from) + i, lanes), Elements) + shift;
        std::memcpy(to + i, &elements, sizeof(elements));
      }
      if constexpr (vectors < row_size) {  // Asked so because GCC 12 warns of a loop of no rounds.
        for (std::size_t i = vectors; i < row_size; ++i) to[i] = static_cast<Element>(as<From>(from)[i] + shift);
      }
    });
  }

  bool signed_input_;
  Product product_;
  Int8Output<Function, HasResidual, FloatOutput> output_;
  AlignedBuffer<std::int32_t> starts_;  ///< What the shift of the input adds to each sum, negated.
};

}  // namespace attar::detail
