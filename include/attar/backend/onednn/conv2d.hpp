// SPDX-License-Identifier: MIT
#pragma once

#include <dnnl.hpp>

#include <attar/backend/onednn/product.hpp>
#include <attar/backend/operation.hpp>

namespace attar::detail::onednn {

/// The sizes of a convolution in oneDNN's terms.
struct ConvolutionSizes {
  Dims source, destination, weights, strides, dilations, padding_begin, padding_end;

  explicit ConvolutionSizes(const OperationContext& context) {
    const Op& op = context.op;
    const Shape& in = context.program.shape(op.operands[0]);
    const Shape& out = context.program.shape(op.output);
    const auto& [kernel, stride, padding, dilation] = op.window;
    source = {context.batch, in.channels, in.height, in.width};
    destination = {context.batch, out.channels, out.height, out.width};
    weights = {out.channels / op.groups, in.channels / op.groups, kernel.height, kernel.width};
    if (op.groups > 1) weights.insert(weights.begin(), op.groups);
    strides = {stride.height, stride.width};
    dilations = {dilation.height - 1, dilation.width - 1};
    padding_begin = {padding.height, padding.width};
    padding_end = {trailing(in.height, out.height, kernel.height, stride.height, padding.height, dilation.height),
                   trailing(in.width, out.width, kernel.width, stride.width, padding.width, dilation.width)};
  }

 private:
  /// How far the last window reaches beyond the image; negative where the stride leaves pixels over.
  static int trailing(int in, int out, int kernel, int stride, int padding, int dilation) {
    return (out - 1) * stride + dilation * (kernel - 1) + 1 - in - padding;
  }
};

/// Convolution of NHWC maps, forward and backward.
template <class Storage>
class Conv2d final : public Product<Storage> {
 public:
  explicit Conv2d(const OperationContext& context) : Product<Storage>{context} {
    guarded("convolution", [&] { build(context); });
  }

 private:
  void build(const OperationContext& context) {
    constexpr auto storage = data_type<Storage>;
    constexpr auto algorithm = dnnl::algorithm::convolution_direct;
    const ConvolutionSizes s{context};
    const ProductLayouts layouts{.source{s.source, storage, Tag::nhwc},
                                 .destination{s.destination, storage, Tag::nhwc},
                                 .weights{s.weights, storage, Tag::any},
                                 .weight_gradient{s.weights, data_type<float>, Tag::any},
                                 .flat{s.weights, data_type<float>, context.op.groups > 1 ? Tag::goihw : Tag::oihw},
                                 .bias = this->bias_layout(context.program.shape(context.op.output).channels)};
    const auto& [source, destination, any_weights, any_gradient, flat, bias] = layouts;
    const dnnl::primitive_attr attributes = user_scratchpad();

    const dnnl::convolution_forward::primitive_desc forward{engine(),      dnnl::prop_kind::forward_training,
                                                            algorithm,     source,
                                                            any_weights,   bias,
                                                            destination,   s.strides,
                                                            s.dilations,   s.padding_begin,
                                                            s.padding_end, attributes};
    this->set_forward(forward, layouts);
    this->set_backward_weights(
        dnnl::convolution_backward_weights::primitive_desc{engine(), algorithm, source, any_gradient, bias, destination,
                                                           s.strides, s.dilations, s.padding_begin, s.padding_end,
                                                           forward, attributes},
        layouts);
    if (context.op.operands[0] == 0) return;  // Nobody wants the gradient of the images.
    this->set_backward_data(
        dnnl::convolution_backward_data::primitive_desc{engine(), algorithm, source, any_weights, destination,
                                                        s.strides, s.dilations, s.padding_begin, s.padding_end, forward,
                                                        attributes},
        layouts);
  }
};

}  // namespace attar::detail::onednn
