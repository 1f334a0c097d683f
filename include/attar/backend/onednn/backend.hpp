// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <span>

#include <attar/backend/inference_session.hpp>
#include <attar/backend/int8_program.hpp>
#include <attar/backend/int8_session.hpp>
#include <attar/backend/one_of_step.hpp>
#include <attar/backend/operation.hpp>

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
  [[nodiscard]] static OperationPointer<Storage, float> prepare(const OperationContext& context);
};

namespace detail {

template <class Storage>
class KernelStep;
class SparseConv2dStep;
class Int8KernelStep;
class Int8DepthwiseStep;
class Int8ProductStep;
namespace onednn {
class InferenceProduct;
class PaddedProduct;
}  // namespace onednn

/// Inference by oneDNN: convolutions and linear layers with their sums and activations fused, the portable kernels for
/// the rest. In float, a convolution most of whose blocks of weights are zero goes to a kernel that leaves them out if
/// that is measured to be faster when the session is made. bf16 needs a CPU that has it.
template <class Storage>
struct InferenceOf<OneDnn, Storage> {
  using Step = OneOfStep<KernelStep<Storage>, onednn::InferenceProduct, SparseConv2dStep>;
  static constexpr bool sums_in_place = true;
  static Step prepare(const OperationContext& context, std::span<const float> parameters, bool in_place);
};

/// Int8 by oneDNN: convolutions and linear layers with their sums and activations fused; our kernels for the rest, and
/// for products that oneDNN would not compute exactly on this CPU.
template <>
struct Int8InferenceOf<OneDnn> {
  using Step =
      OneOfStep<Int8KernelStep, Int8DepthwiseStep, Int8ProductStep, onednn::InferenceProduct, onednn::PaddedProduct>;
  static constexpr bool sums_in_place = true;
  inline static Step prepare(const Int8Op& op, const OperationContext& context, std::span<const std::int8_t> weights,
                             bool in_place);
};

}  // namespace detail
}  // namespace attar
