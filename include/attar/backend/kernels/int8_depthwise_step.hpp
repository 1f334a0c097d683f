// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>

#include <attar/backend/int8_program.hpp>
#include <attar/backend/kernels/depthwise_step.hpp>
#include <attar/backend/kernels/int8.hpp>
#include <attar/backend/kernels/int8_finish.hpp>
#include <attar/backend/kernels/int8_vector.hpp>
#include <attar/backend/kernels/vector.hpp>
#include <attar/backend/step_session.hpp>

namespace attar::detail {

/// Quantized numbers as a storage type of the depthwise loops.
enum class U8 : std::uint8_t {};
enum class S8 : std::int8_t {};

template <int Count>
[[nodiscard]] inline Floats<Count> load(const U8* from, Lanes<Count> lanes) noexcept {
  return load_floats(reinterpret_cast<const std::uint8_t*>(from), lanes);
}
template <int Count>
[[nodiscard]] inline Floats<Count> load(const S8* from, Lanes<Count> lanes) noexcept {
  return load_floats(reinterpret_cast<const std::int8_t*>(from), lanes);
}

/// A usual depthwise convolution of an int8 inference, by the loops that the float ones have: sums of so few products
/// of bytes are exact in float.
class Int8DepthwiseStep {
 public:
  using Binding = StepPointers;

  [[nodiscard]] static bool handles(const Int8Op& op) noexcept {
    return !op.float_output && DepthwiseLoops::handles(op.op, op.in, op.out);
  }

  Int8DepthwiseStep(Int8Op op, int batch, std::span<const std::int8_t> weights)
      : op_{std::move(op)},
        loops_{op_.op.window, op_.in, op_.out, batch, weights, static_cast<std::byte>(op_.zero_points[0])} {}

  [[nodiscard]] std::string kernel_name() const { return "attar int8 depthwise"; }
  [[nodiscard]] std::size_t scratchpad_bytes() const noexcept { return 0; }
  [[nodiscard]] Binding bind(const StepPointers& pointers) const noexcept { return pointers; }

  void execute(auto& p) const noexcept {
    const auto finish = [&](std::size_t i, std::size_t c, auto sum, auto lanes) {
      int8_finish(op_, p, i, c, sum, lanes);
    };
    if (op_.signed_operands[0]) {
      loops_.run(reinterpret_cast<const S8*>(p.inputs[0]), finish);
    } else {
      loops_.run(reinterpret_cast<const U8*>(p.inputs[0]), finish);
    }
  }

 private:
  Int8Op op_;
  DepthwiseLoops loops_;
};

}  // namespace attar::detail
