// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <type_traits>

#include <attar/backend/kernels/prepare.hpp>
#include <attar/backend/kernels/winograd_conv2d.hpp>
#include <attar/backend/onednn/backend.hpp>
#include <attar/backend/onednn/conv2d.hpp>
#include <attar/backend/onednn/inference.hpp>
#include <attar/backend/onednn/int8.hpp>
#include <attar/backend/onednn/linear.hpp>
#include <attar/backend/operation.hpp>
#include <attar/core/dtype.hpp>

namespace attar {

template <class Storage>
OperationPointer<Storage, float> OneDnn::prepare(const OperationContext& context) {
  static_assert(std::is_same_v<Storage, float> || std::is_same_v<Storage, bf16>,
                "attar: OneDnn keeps feature maps as float or bf16");
  if (OperationPointer<Storage, float> kernel = prepare_kernel<Storage>(context)) return kernel;
  if constexpr (std::is_same_v<Storage, float>) {  // bf16 instructions make up for the multiplications saved.
    using Winograd = detail::WinogradConv2d<Storage>;
    if (!context.whole_numbers && Winograd::pays(context.op, context.program)) {
      return std::make_unique<Winograd>(context);
    }
  }
  if (context.op.kind == OpKind::linear) return std::make_unique<detail::onednn::Linear<Storage>>(context);
  return std::make_unique<detail::onednn::Conv2d<Storage>>(context);
}

}  // namespace attar
