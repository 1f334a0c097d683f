// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <gtest/gtest.h>

#include <attar/backend/int8_program.hpp>
#include <attar/backend/reference/int8.hpp>
#include <attar/backend/step_session.hpp>
#include <attar/core/aligned_buffer.hpp>
#include <attar/core/rng.hpp>

namespace attar::test {

/// Runs a step on random bytes (extreme ones included) and holds it against the plain interpreter.
template <class Step>
void expect_exact_step(const detail::Int8Op& op, int batch, const std::vector<std::int8_t>& weights, const Step& step,
                       Seed seed) {
  Rng rng{seed};
  const auto random_bytes = [&](std::size_t count) {
    std::vector<std::byte> bytes(count);
    for (std::byte& byte : bytes) {
      byte =
          static_cast<std::byte>(rng.below(4) == 0 ? std::array{0U, 127U, 128U, 255U}[rng.below(4)] : rng.below(256));
    }
    return bytes;
  };
  const auto size = [&](std::size_t elements) { return static_cast<std::size_t>(batch) * elements; };
  detail::StepPointers pointers;
  std::vector<std::vector<std::byte>> operands;
  for (std::size_t k = 0; k < static_cast<std::size_t>(op.op.operand_count); ++k) {
    Shape shape = op.op.kind == OpKind::concat ? op.out : op.in;
    if (op.op.kind == OpKind::concat) shape.channels = op.operand_channels[k];
    if (op.op.kind == OpKind::scale && k == 1) shape = {op.in.channels};
    operands.push_back(random_bytes(size(shape.size())));
    pointers.inputs[k] = operands.back().data();
  }
  const std::vector<std::byte> residual = random_bytes(size(op.out.size()));
  if (op.op.residual >= 0) pointers.residual = residual.data();
  AlignedBuffer<std::byte> scratchpad{step.scratchpad_bytes()};
  pointers.scratchpad = scratchpad.data();

  const std::size_t bytes = size(op.out.size()) * (op.float_output ? sizeof(float) : 1);
  std::vector<std::byte> found(bytes);
  std::vector<std::byte> truth(bytes);
  pointers.output = found.data();
  auto binding = step.bind(pointers);
  step.execute(binding);
  pointers.output = truth.data();
  const detail::ReferenceInt8Step reference{op, batch, weights};
  auto reference_binding = reference.bind(pointers);
  reference.execute(reference_binding);
  EXPECT_TRUE(found == truth);
}

/// Zero points for operands that are not signed, extreme ones included, and for the result of a hard swish.
inline void fill_zero_points(detail::Int8Op& op, Rng& rng) {
  const auto zero_point = [&] {
    return static_cast<int>(std::array{0U, 1U, 128U, 255U, rng.below(256)}[rng.below(5)]);
  };
  for (std::size_t k = 0; k < op.zero_points.size(); ++k) {
    if (!op.signed_operands[k]) op.zero_points[k] = zero_point();
  }
  const bool swish = op.activation == detail::Int8Activation::hard_swish;
  if (swish && !op.signed_output && !op.float_output) op.result_zero = static_cast<float>(zero_point());
}

/// Random multipliers that use the whole range of the result; those of norms are short.
inline void fill_multipliers(detail::Int8Op& op, double largest_sum, Rng& rng) {
  for (int c = 0; c < op.out.channels; ++c) {
    const double m = 300 / largest_sum * (0.2 + static_cast<double>(rng.uniform()));
    op.multiplier.push_back(op.op.kind == OpKind::batch_norm ? detail::short_multiplier(m) : static_cast<float>(m));
    op.offset.push_back(30 * rng.normal());
  }
}

}  // namespace attar::test
