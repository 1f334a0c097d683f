// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <type_traits>

#include <attar/backend/kernels/prepare.hpp>
#include <attar/backend/kernels/winograd_conv2d.hpp>
#include <attar/backend/onednn/conv2d.hpp>
#include <attar/backend/onednn/inference.hpp>
#include <attar/backend/onednn/int8.hpp>
#include <attar/backend/onednn/linear.hpp>
#include <attar/backend/operation.hpp>
#include <attar/core/dtype.hpp>

namespace attar {

/// Convolutions and linear layers by oneDNN (3.1 or newer), everything else by this library's own kernels. So are, in
/// training in float on CPUs with AVX-512, convolutions of 3 x 3 with 32 channels or so (Winograd's algorithm).
///
/// `Storage` is float, or `bf16` for mixed precision: feature maps and their gradients in bf16; parameters, their
/// gradients, statistics and all sums in float. bf16 is fast only on CPUs with AVX512-BF16 or AMX.
/// Throws `Error` with `unsupported` where the oneDNN that was loaded is older than 3.1, or cannot do it on this CPU.
struct OneDnn {
  using Scalar = float;

  template <class Storage>
  static OperationPointer<Storage, float> prepare(const OperationContext& context) {
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
};

}  // namespace attar
