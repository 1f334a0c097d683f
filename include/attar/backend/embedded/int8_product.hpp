// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <span>
#include <string>
#include <type_traits>

#include <attar/backend/embedded/depthwise.hpp>
#include <attar/backend/embedded/dot.hpp>
#include <attar/backend/embedded/int8_method.hpp>
#include <attar/backend/embedded/int8_output.hpp>
#include <attar/backend/embedded/tiling.hpp>
#include <attar/backend/int8_program.hpp>
#include <attar/backend/kernels/int8.hpp>
#include <attar/backend/kernels/int8_vector.hpp>
#include <attar/backend/step_session.hpp>
#include <attar/core/aligned_buffer.hpp>
#include <attar/detail/whole_range.hpp>

namespace attar::detail {

/// A convolution or linear layer of an int8 inference: its constants, as the kernel of its shape wants them.
class Int8Product {
 public:
  Int8Product(const ProductShape& shape, const Int8Op& op, std::span<const std::int8_t> weights)
      : signed_input_{op.signed_operands[0]},
        zero_point_{op.zero_points[0]},
        multiplier_{padded(shape)},
        offset_{padded(shape)},
        constants_{.channels = static_cast<std::size_t>(op.out.channels),
                   .residual_multiplier = op.residual_multiplier,
                   .limit = op.activation == Int8Activation::clip ? op.limit : std::numeric_limits<float>::infinity(),
                   .slope = op.slope,
                   .result_zero = op.result_zero,
                   .signed_residual = op.signed_residual,
                   .signed_output = op.signed_output} {
    detail::copy(op.multiplier, multiplier_.begin());
    detail::copy(op.offset, offset_.begin());
    with_int8_plan(shape, [&](const auto& plan) { pack(plan, weights); });
  }

  /// Computes one image by a kernel of shape `S`, the one that this was made with.
  template <ProductShape S, Activation Function, bool FloatOutput>
  void execute(const StepPointers& p) const noexcept {
    using Kernel = Int8Kernel<S>;
    using Dot = typename std::remove_const_t<decltype(Kernel::plan)>::Dot;
    Int8Finish<Function, FloatOutput> finish{constants_, p.residual, p.output};
    finish.constants.multiplier = multiplier_.data();
    finish.constants.offset = offset_.data();
    const Rows<Dot> rows{p.inputs[0], signed_input_, zero_point_};
    Kernel::run(reinterpret_cast<const typename Dot::Weight*>(weights_.data()), starts_.data(), rows, p.scratchpad,
                finish);
  }

  [[nodiscard]] static std::size_t scratchpad_bytes(const ProductShape& shape) noexcept {
    return with_int8_plan(shape, [](const auto& plan) { return plan.scratchpad_bytes(); });
  }
  [[nodiscard]] static std::string kernel_name(const ProductShape& shape) {
    const Int8Method method = int8_method(shape);
    const std::string way = method == Int8Method::winograd_2   ? "Winograd 2x2"
                            : method == Int8Method::winograd_4 ? "Winograd 4x4"
                                                               : "tiles";
    return "attar " + way + ", " +
           with_int8_plan(shape, []<class Plan>(const Plan&) -> std::string { return Plan::Dot::name(); });
  }

 private:
  /// The rows of an image, as `copy_rows` takes them.
  template <class Dot>
  struct Rows {
    using Element = typename Dot::Element;
    const std::byte* image;
    bool is_signed;
    int zero_point;

    void pad(Element* to, std::size_t count) const noexcept {
      const auto value = static_cast<Element>(zero_point + Dot::shift(is_signed));
      const Bytes<Element, 16> values = Bytes<Element, 16>{} + value;
      Element* const end = to + count;
      for (Element* const whole = to + count / 16 * 16; to != whole; to += 16) std::memcpy(to, &values, sizeof(values));
      while (to != end) *to++ = value;
    }
    [[nodiscard]] bool is_in_place() const noexcept { return !is_signed; }
    [[nodiscard]] auto in_place(std::size_t first) const noexcept
      requires std::is_same_v<Element, std::uint8_t>
    {
      return as<std::uint8_t>(image + first);
    }
    void copy(std::size_t first, std::size_t count, Element* to) const noexcept {
      const std::byte* const from = image + first;
      is_signed ? convert(as<std::int8_t>(from), count, to) : convert(as<std::uint8_t>(from), count, to);
    }

   private:
    template <class From>
    static void convert(const From* from, std::size_t count, Element* to) noexcept {
      constexpr auto shift = static_cast<Element>(Dot::shift(std::is_signed_v<From>));
      const From* const end = from + count;
      for (const From* const whole = from + count / 16 * 16; from != whole; from += 16, to += 16) {
        if constexpr (sizeof(Element) == 2) {
          static_assert(shift == 0);
          widen(from, to);
        } else {
          const auto elements = reinterpret_cast<Bytes<Element, 16>>(load_bytes(from, Lanes<16>{})) + shift;
          std::memcpy(to, &elements, sizeof(elements));
        }
      }
      while (from != end) *to++ = static_cast<Element>(*from++ + shift);
    }
  };

  [[nodiscard]] static std::size_t padded(const ProductShape& shape) noexcept {
    return static_cast<std::size_t>(shape.out.channels) + native_lanes;
  }

  template <class Plan>
  void pack(const Plan& plan, std::span<const std::int8_t> weights) {
    using Dot = typename Plan::Dot;
    weights_ = AlignedBuffer<std::byte>{plan.packed_weights() * sizeof(typename Dot::Weight)};
    plan.pack(weights, reinterpret_cast<typename Dot::Weight*>(weights_.data()));
    if constexpr (has_starts<Dot>) {
      starts_ = AlignedBuffer<std::int32_t>{padded(plan.shape)};
      const int shift = Dot::shift(signed_input_);
      const std::size_t filter = weights.size() / static_cast<std::size_t>(plan.shape.out.channels);
      for (std::size_t i = 0; i < weights.size(); ++i) starts_[i / filter] -= shift * weights[i];
    }
  }

  bool signed_input_;
  int zero_point_;  ///< Of the input.
  AlignedBuffer<std::byte> weights_;
  AlignedBuffer<std::int32_t> starts_;  ///< What the shift of the input adds to each sum, negated.
  AlignedBuffer<float> multiplier_;
  AlignedBuffer<float> offset_;
  Int8Constants constants_;
};

}  // namespace attar::detail
