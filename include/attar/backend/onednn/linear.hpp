// SPDX-License-Identifier: MIT
#pragma once

#include <dnnl.hpp>

#include <attar/backend/onednn/product.hpp>
#include <attar/backend/operation.hpp>

namespace attar::detail::onednn {

/// Linear layer, forward and backward.
template <class Storage>
class Linear final : public Product<Storage> {
 public:
  explicit Linear(const OperationContext& context) : Product<Storage>{context} {
    guarded("inner product", [&] { build(context); });
  }

 private:
  void build(const OperationContext& context) {
    constexpr auto storage = data_type<Storage>;
    const int inputs = context.program.shape(context.op.operands[0]).channels;
    const int outputs = context.program.shape(context.op.output).channels;
    const Dims weights{outputs, inputs};
    const ProductLayouts layouts{.source{{context.batch, inputs}, storage, Tag::nc},
                                 .destination{{context.batch, outputs}, storage, Tag::nc},
                                 .weights{weights, storage, Tag::any},
                                 .weight_gradient{weights, data_type<float>, Tag::any},
                                 .flat{weights, data_type<float>, Tag::oi},
                                 .bias = this->bias_layout(outputs)};
    const auto& [source, destination, any_weights, any_gradient, flat, bias] = layouts;
    const dnnl::primitive_attr attributes = user_scratchpad();

    const dnnl::inner_product_forward::primitive_desc forward{
        engine(), dnnl::prop_kind::forward_training, source, any_weights, bias, destination, attributes};
    this->set_forward(forward, layouts);
    this->set_backward_weights(
        dnnl::inner_product_backward_weights::primitive_desc{engine(), source, any_gradient, bias, destination, forward,
                                                             attributes},
        layouts);
    if (context.op.operands[0] == 0) return;  // Nobody wants the gradient of the images.
    this->set_backward_data(dnnl::inner_product_backward_data::primitive_desc{engine(), source, any_weights,
                                                                              destination, forward, attributes},
                            layouts);
  }
};

}  // namespace attar::detail::onednn
