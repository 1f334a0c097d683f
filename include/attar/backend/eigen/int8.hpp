// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <span>

#include <attar/backend/eigen/backend.hpp>
#include <attar/backend/int8_program.hpp>
#include <attar/backend/int8_session.hpp>
#include <attar/backend/kernels/int8_depthwise_step.hpp>
#include <attar/backend/kernels/int8_product_step.hpp>
#include <attar/backend/kernels/int8_step.hpp>
#include <attar/backend/one_of_step.hpp>
#include <attar/backend/operation.hpp>

namespace attar {

namespace detail {

inline auto Int8InferenceOf<EigenBackend>::prepare(const Int8Op& op, const OperationContext& context,
                                                   std::span<const std::int8_t> weights, bool) -> Step {
  if (op.op.kind != OpKind::conv2d && op.op.kind != OpKind::linear) return Int8KernelStep{op, context.batch};
  if (Int8DepthwiseStep::handles(op)) return Int8DepthwiseStep{op, context.batch, weights};
  return Int8ProductStep{op, context.batch, weights};
}

}  // namespace detail
}  // namespace attar
