// SPDX-License-Identifier: MIT
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>

#include <attar/backend/kernels/int8.hpp>
#include <attar/backend/kernels/int8_vector.hpp>
#include <attar/backend/kernels/vector.hpp>
#include <attar/backend/step_session.hpp>
#include <attar/core/dtype.hpp>
#include <attar/model/int8_model.hpp>
#include <attar/model/layer_precision.hpp>

namespace attar::detail {

/// How the numbers of a value are kept.
struct ConvertFormats {
  LayerPrecision from{};
  LayerPrecision to{};
  Int8Format int8{};  ///< Of the one that is int8.
};

/// Bytes of a number that is kept so.
[[nodiscard]] constexpr std::size_t size_of(LayerPrecision precision) noexcept {
  switch (precision) {
    case LayerPrecision::int8:
      return 1;
    case LayerPrecision::bf16:
      return 2;
    case LayerPrecision::fp32:
      break;
  }
  return 4;
}

/// Converts `count` numbers: floats to bytes as round(x / scale + zero point), saturated, NaN the lowest, exactly as
/// sessions quantize images; bytes to floats as (q - zero point) * scale; bf16 rounds to nearest, ties to even.
template <std::same_as<std::byte> Byte>
void convert_numbers(const ConvertFormats& formats, const Byte* from, std::size_t count, Byte* to) noexcept {
  const float factor = 1.0F / formats.int8.scale;
  const auto zero = static_cast<float>(formats.int8.zero_point);
  const auto with_type = [&](LayerPrecision precision, auto&& body) {
    switch (precision) {
      case LayerPrecision::int8:
        return with_byte_type(formats.int8.is_signed, body);
      case LayerPrecision::bf16:
        return body(bf16{});
      case LayerPrecision::fp32:
        return body(float{});
    }
  };
  with_type(formats.from, [&]<class From>(From) {
    with_type(formats.to, [&]<class To>(To) {
      for_chunks(count, 1, [&](std::size_t begin, std::size_t end) {
        for_lanes(begin, end, [&]<int L>(std::size_t i, Lanes<L> lanes) {
          Floats<L> numbers;
          if constexpr (sizeof(From) == 1) {
            numbers = (load_floats(as<From>(from) + i, lanes) - zero) * formats.int8.scale;
          } else {
            numbers = load(as<From>(from) + i, lanes);
          }
          if constexpr (sizeof(To) == 1) {
            store_quantized(as<To>(to) + i, numbers, factor, zero, lanes);
          } else {
            store(as<To>(to) + i, numbers, lanes);
          }
        });
      });
    });
  });
}

/// A step that gives a value in another precision.
class ConvertStep {
 public:
  using Binding = StepPointers;

  ConvertStep(const ConvertFormats& formats, std::size_t count) : formats_{formats}, count_{count} {}

  [[nodiscard]] std::string kernel_name() const { return "attar conversion"; }
  [[nodiscard]] std::size_t scratchpad_bytes() const noexcept { return 0; }
  [[nodiscard]] Binding bind(const StepPointers& pointers) const noexcept { return pointers; }
  void execute(auto& p) const noexcept { convert_numbers(formats_, p.inputs[0], count_, p.output); }

 private:
  ConvertFormats formats_;
  std::size_t count_;
};

}  // namespace attar::detail
