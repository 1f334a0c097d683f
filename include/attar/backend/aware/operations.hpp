// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <utility>

#include <attar/backend/aware/activation.hpp>
#include <attar/backend/aware/kernel.hpp>
#include <attar/backend/aware/product.hpp>
#include <attar/backend/aware/shared.hpp>
#include <attar/backend/operation.hpp>
#include <attar/detail/compiled.hpp>

namespace attar::detail {

ATTAR_INLINE OperationPointer<float, float> prepare_aware(const OperationContext& context, AwareShared& shared,
                                                          PrepareInFloat& prepare) {
  Op bare_op = context.op;
  bare_op.bias = -1;
  bare_op.residual = -1;
  if (bare_op.kind != OpKind::activation) bare_op.activation = Activation::none;
  const auto bare = [&] { return prepare({bare_op, context.program, context.batch, /*whole_numbers=*/true}); };
  switch (context.op.kind) {
    case OpKind::conv2d:
    case OpKind::linear:
      return std::make_unique<AwareProduct>(context, shared, bare());
    case OpKind::add:
    case OpKind::concat:
    case OpKind::avg_pool:
    case OpKind::global_avg_pool:
      return std::make_unique<AwareLinearMap>(context, shared, bare());
    case OpKind::scale:
      return std::make_unique<AwareScale>(context, shared, bare());
    case OpKind::batch_norm:
      return std::make_unique<AwareNorm>(context, shared);
    case OpKind::activation:
      return std::make_unique<AwareActivation>(context, shared);
    case OpKind::max_pool:
    case OpKind::flatten:
    case OpKind::dropout:
      break;
  }
  return bare();  // It moves numbers, whatever they stand for.
}

}  // namespace attar::detail
