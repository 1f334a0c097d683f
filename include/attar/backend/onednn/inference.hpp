// SPDX-License-Identifier: MIT
#pragma once

#include <span>
#include <type_traits>

#include <dnnl.hpp>

#include <attar/backend/faster_step.hpp>
#include <attar/backend/kernels/inference_step.hpp>
#include <attar/backend/kernels/sparse_conv2d_step.hpp>
#include <attar/backend/one_of_step.hpp>
#include <attar/backend/onednn/backend.hpp>
#include <attar/backend/onednn/inference_product.hpp>
#include <attar/backend/onednn/primitive.hpp>
#include <attar/backend/operation.hpp>
#include <attar/model/program.hpp>

namespace attar {

namespace detail {

namespace onednn {

/// Sum and activation behind a convolution or linear layer as oneDNN's post-ops.
[[nodiscard]] inline dnnl::post_ops float_post_ops(const Op& op) {
  dnnl::post_ops post_ops;
  if (op.residual >= 0) post_ops.append_sum(1.0F);
  switch (op.activation) {
    case Activation::none:
      break;
    case Activation::relu:
      post_ops.append_eltwise(dnnl::algorithm::eltwise_relu, 0, 0);
      break;
    case Activation::relu6:
      post_ops.append_eltwise(dnnl::algorithm::eltwise_clip, 0, 6);
      break;
    case Activation::hard_swish:
      post_ops.append_eltwise(dnnl::algorithm::eltwise_hardswish, 1.0F / 6, 0.5F);
      break;
    case Activation::hard_sigmoid:
      post_ops.append_eltwise(dnnl::algorithm::eltwise_hardsigmoid, 1.0F / 6, 0.5F);
      break;
  }
  return post_ops;
}

}  // namespace onednn

template <class Storage>
auto InferenceOf<OneDnn, Storage>::prepare(const OperationContext& context, std::span<const float> parameters,
                                           bool in_place) -> Step {
  const Op& op = context.op;
  if (op.kind != OpKind::conv2d && op.kind != OpKind::linear) return KernelStep<Storage>{context, parameters};
  const auto tensor = [&](int index) {
    if (index < 0) return std::span<const float>{};
    const Parameter& parameter = context.program.parameter(index);
    return parameters.subspan(parameter.offset, parameter.size);
  };
  onednn::InferenceProduct dense{context,
                                 {.source_type = onednn::data_type<Storage>,
                                  .destination_type = onednn::data_type<Storage>,
                                  .weights_type = onednn::data_type<Storage>,
                                  .flat_type = onednn::data_type<float>,
                                  .weights = tensor(op.weight).data(),
                                  .bias = tensor(op.bias),
                                  .scales = {},
                                  .post_ops = onednn::float_post_ops(op),
                                  .in_place = in_place}};
  if constexpr (std::is_same_v<Storage, float>) {
    if (SparseConv2dStep::handles(context, parameters)) {
      SparseConv2dStep sparse{context, parameters};
      if (is_faster(sparse, dense, context)) return sparse;
    }
  }
  return dense;
}

}  // namespace detail
}  // namespace attar
