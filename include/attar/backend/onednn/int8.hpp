// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <span>

#include <dnnl.hpp>

#include <attar/backend/int8_program.hpp>
#include <attar/backend/int8_session.hpp>
#include <attar/backend/kernels/int8_depthwise_step.hpp>
#include <attar/backend/kernels/int8_product_step.hpp>
#include <attar/backend/kernels/int8_step.hpp>
#include <attar/backend/one_of_step.hpp>
#include <attar/backend/onednn/backend.hpp>
#include <attar/backend/onednn/inference_product.hpp>
#include <attar/backend/onednn/padded_product.hpp>
#include <attar/backend/operation.hpp>
#include <attar/backend/step_session.hpp>
#include <attar/detail/whole_range.hpp>
#include <attar/model/int8_scheme.hpp>

namespace attar {

namespace detail {

namespace onednn {

/// Sum and activation of an int8 convolution as oneDNN's post-ops.
[[nodiscard]] inline dnnl::post_ops int8_post_ops(const Int8Op& op) {
  dnnl::post_ops post_ops;
  if (op.op.residual >= 0) {
    post_ops.append_sum(op.residual_multiplier, 0,
                        op.signed_residual ? dnnl::memory::data_type::s8 : dnnl::memory::data_type::u8);
  }
  if (op.activation == Int8Activation::clip && std::isinf(op.limit)) {
    post_ops.append_eltwise(dnnl::algorithm::eltwise_relu, 0, 0);
  } else if (op.activation == Int8Activation::clip) {
    post_ops.append_eltwise(dnnl::algorithm::eltwise_clip, 0, op.limit);
  } else if (op.activation == Int8Activation::hard_swish) {
    post_ops.append_eltwise(dnnl::algorithm::eltwise_hardswish, op.slope, 0.5F);
    if (op.result_zero != 0) post_ops.append_eltwise(dnnl::algorithm::eltwise_linear, 1, op.result_zero);
  }
  return post_ops;
}

/// Whether oneDNN computes the integer sums of a product exactly. On x86 without VNNI it adds pairs of u8 x s8 products
/// in 16 bits, which overflow beyond 7-bit weights, and halves the weights of s8 sources.
[[nodiscard]] inline bool sums_are_exact(const Int8Op& op, std::span<const std::int8_t> weights) {
#if defined(__x86_64__) || defined(__i386__)
  constexpr unsigned avx2_vnni = 0x8;
  constexpr unsigned avx512_core_vnni = 0x40;
  const auto isa = static_cast<unsigned>(dnnl::get_effective_cpu_isa());
  if ((isa & (avx2_vnni | avx512_core_vnni)) != 0) return true;
  const auto fits = [](std::int8_t weight) { return std::abs(int{weight}) <= WeightBits<7>::limit; };
  return !op.signed_operands[0] && detail::all_of(weights, fits);
#else
  return true;
#endif
}

}  // namespace onednn

inline auto Int8InferenceOf<OneDnn>::prepare(const Int8Op& op, const OperationContext& context,
                                             std::span<const std::int8_t> weights, bool in_place) -> Step {
  if (op.op.kind != OpKind::conv2d && op.op.kind != OpKind::linear) return Int8KernelStep{op, context.batch};
  if (!onednn::sums_are_exact(op, weights)) {
    if (Int8DepthwiseStep::handles(op)) return Int8DepthwiseStep{op, context.batch, weights};
    return Int8ProductStep{op, context.batch, weights};
  }
  const auto byte_type = [](bool is_signed) {
    return is_signed ? dnnl::memory::data_type::s8 : dnnl::memory::data_type::u8;
  };
  const onednn::ProductRecipe recipe{
      .source_type = byte_type(op.signed_operands[0]),
      .destination_type = op.float_output ? dnnl::memory::data_type::f32 : byte_type(op.signed_output),
      .weights_type = dnnl::memory::data_type::s8,
      .flat_type = dnnl::memory::data_type::s8,
      .weights = weights.data(),
      .bias = op.offset,
      .scales = op.multiplier,
      .post_ops = onednn::int8_post_ops(op),
      .in_place = in_place};
  const bool padded = op.op.window.padding != Extent{0, 0};
  if (padded && op.zero_points[0] != 0) {
    return onednn::PaddedProduct{context, recipe, static_cast<std::byte>(op.zero_points[0])};
  }
  return onednn::InferenceProduct{context, recipe};
}

}  // namespace detail
}  // namespace attar
