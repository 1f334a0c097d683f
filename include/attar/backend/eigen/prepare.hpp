// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <type_traits>

#include <attar/backend/eigen/backend.hpp>
#include <attar/backend/eigen/conv2d.hpp>
#include <attar/backend/eigen/inference.hpp>
#include <attar/backend/eigen/int8.hpp>
#include <attar/backend/eigen/linear.hpp>
#include <attar/backend/kernels/prepare.hpp>
#include <attar/backend/operation.hpp>

namespace attar {

template <class Storage>
OperationPointer<Storage, float> EigenBackend::prepare(const OperationContext& context) {
  static_assert(std::is_same_v<Storage, float>,
                "attar: the Eigen backend trains in float; mixed precision needs the oneDNN backend");
  if (OperationPointer<float, float> kernel = prepare_kernel<float>(context)) return kernel;
  if (context.op.kind == OpKind::linear) return std::make_unique<detail::EigenLinear<Storage>>(context);
  return std::make_unique<detail::EigenConv2d<Storage>>(context);
}

}  // namespace attar
