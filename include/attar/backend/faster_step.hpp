// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstddef>

#include <attar/backend/call_time.hpp>
#include <attar/backend/operation.hpp>
#include <attar/backend/step_session.hpp>
#include <attar/core/aligned_buffer.hpp>

namespace attar::detail {

/// The time of a step in microseconds, on numbers made up for it.
template <class Step>
[[nodiscard]] double step_us(const Step& step, const OperationContext& context) {
  const auto bytes = [&](int value) {
    return static_cast<std::size_t>(context.batch) * context.program.shape(value).size() * sizeof(float);
  };
  AlignedBuffer<std::byte> input{bytes(context.op.operands[0])};
  AlignedBuffer<std::byte> output{bytes(context.op.output)};
  AlignedBuffer<std::byte> scratchpad{step.scratchpad_bytes()};
  StepPointers pointers;
  pointers.inputs[0] = input.data();
  pointers.output = output.data();
  pointers.residual = context.op.residual >= 0 ? output.data() : nullptr;
  pointers.scratchpad = scratchpad.data();
  auto binding = step.bind(pointers);
  return median_call_us([&] { step.execute(binding); }, {.repetitions = 30, .at_most = std::chrono::milliseconds{20}});
}

/// Whether the first step does the operation in less time here than the second.
template <class Step, class Other>
[[nodiscard]] bool is_faster(const Step& step, const Other& other, const OperationContext& context) {
  return step_us(step, context) < step_us(other, context);
}

}  // namespace attar::detail
