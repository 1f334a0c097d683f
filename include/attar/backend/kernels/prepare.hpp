// SPDX-License-Identifier: MIT
#pragma once

#include <memory>

#include <attar/backend/kernels/activation.hpp>
#include <attar/backend/kernels/add.hpp>
#include <attar/backend/kernels/avg_pool.hpp>
#include <attar/backend/kernels/batch_norm.hpp>
#include <attar/backend/kernels/concat.hpp>
#include <attar/backend/kernels/depthwise_conv2d.hpp>
#include <attar/backend/kernels/dropout.hpp>
#include <attar/backend/kernels/flatten.hpp>
#include <attar/backend/kernels/global_avg_pool.hpp>
#include <attar/backend/kernels/max_pool.hpp>
#include <attar/backend/kernels/scale.hpp>
#include <attar/backend/operation.hpp>

namespace attar {

/// The portable kernel of an operation, with activations kept as float or bf16 and arithmetic in float; null for what
/// a backend does itself: `linear`, and `conv2d` but for the usual depthwise ones.
template <class Storage>
[[nodiscard]] OperationPointer<Storage, float> prepare_kernel(const OperationContext& context) {
  switch (context.op.kind) {
    case OpKind::conv2d:
      if (!detail::DepthwiseConvolution<Storage>::handles(context.op, context.program)) return nullptr;
      return std::make_unique<detail::DepthwiseConv2dKernel<Storage>>(context);
    case OpKind::linear:
      return nullptr;
    case OpKind::batch_norm:
      return std::make_unique<detail::BatchNormKernel<Storage>>(context);
    case OpKind::activation:
      return std::make_unique<detail::ActivationKernel<Storage>>(context);
    case OpKind::max_pool:
      return std::make_unique<detail::MaxPoolKernel<Storage>>(context);
    case OpKind::avg_pool:
      return std::make_unique<detail::AvgPoolKernel<Storage>>(context);
    case OpKind::global_avg_pool:
      return std::make_unique<detail::GlobalAvgPoolKernel<Storage>>(context);
    case OpKind::flatten:
      return std::make_unique<detail::FlattenKernel<Storage>>(context);
    case OpKind::dropout:
      return std::make_unique<detail::DropoutKernel<Storage>>(context);
    case OpKind::add:
      return std::make_unique<detail::AddKernel<Storage>>(context);
    case OpKind::concat:
      return std::make_unique<detail::ConcatKernel<Storage>>(context);
    case OpKind::scale:
      return std::make_unique<detail::ScaleKernel<Storage>>(context);
  }
  return nullptr;
}

}  // namespace attar
