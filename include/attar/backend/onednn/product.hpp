// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>

#include <dnnl.hpp>

#include <attar/backend/onednn/gradient_target.hpp>
#include <attar/backend/onednn/primitive.hpp>
#include <attar/backend/onednn/weights.hpp>
#include <attar/backend/operation.hpp>

namespace attar::detail::onednn {

/// The layouts of an operation that multiplies feature maps by weights. `weights` and `weight_gradient` are left to
/// oneDNN's choice, `flat` is that of the parameter buffer.
struct ProductLayouts {
  Layout source, destination, weights, weight_gradient, flat, bias;
};

/// An operation that multiplies feature maps by weights, forward and backward: convolution and linear layer.
template <class Storage>
class Product : public Operation<Storage, float> {
 public:
  using Arguments = OperationArguments<Storage, float>;

  void forward(const Arguments& a) final {
    const void* weights = forward_weights_.pack(parameters_.weight(a.parameters));
    forward_(a.inputs[0], weights, a.output, parameters_.bias(a.parameters));
  }

  void backward(const Arguments& a) final {
    float* weight_gradient = parameters_.weight(a.gradients);
    backward_weights_(a.inputs[0], a.output_gradient, weight_gradient_.target(weight_gradient),
                      parameters_.bias(a.gradients));
    weight_gradient_.unpack(weight_gradient);
    if (a.input_gradients[0] == nullptr) return;
    const void* weights = backward_data_weights_.pack(parameters_.weight(a.parameters));
    input_gradient_.write(a.input_gradients[0], a.accumulate[0],
                          [&](Storage* gradient) { backward_data_(a.output_gradient, weights, gradient); });
  }

 protected:
  explicit Product(const OperationContext& context)
      : parameters_{context},
        input_gradient_{static_cast<std::size_t>(context.batch) *
                        context.program.shape(context.op.operands[0]).size()} {}

  [[nodiscard]] Layout bias_layout(int outputs) const {
    return parameters_.has_bias() ? Layout{{outputs}, data_type<float>, Tag::x} : Layout{};
  }

  template <class Description>
  void set_forward(const Description& chosen, const ProductLayouts& layouts) {
    forward_ = Primitive{chosen,
                         {{DNNL_ARG_SRC, layouts.source},
                          {DNNL_ARG_WEIGHTS, chosen.weights_desc()},
                          {DNNL_ARG_DST, layouts.destination},
                          {DNNL_ARG_BIAS, layouts.bias}}};
    forward_weights_ = PackedWeights{layouts.flat, chosen.weights_desc()};
  }

  template <class Description>
  void set_backward_weights(const Description& chosen, const ProductLayouts& layouts) {
    backward_weights_ = Primitive{chosen,
                                  {{DNNL_ARG_SRC, layouts.source},
                                   {DNNL_ARG_DIFF_DST, layouts.destination},
                                   {DNNL_ARG_DIFF_WEIGHTS, chosen.diff_weights_desc()},
                                   {DNNL_ARG_DIFF_BIAS, layouts.bias}}};
    weight_gradient_ = PackedGradient{chosen.diff_weights_desc(), layouts.flat};
  }

  template <class Description>
  void set_backward_data(const Description& chosen, const ProductLayouts& layouts) {
    backward_data_ = Primitive{chosen,
                               {{DNNL_ARG_DIFF_DST, layouts.destination},
                                {DNNL_ARG_WEIGHTS, chosen.weights_desc()},
                                {DNNL_ARG_DIFF_SRC, layouts.source}}};
    backward_data_weights_ = PackedWeights{layouts.flat, chosen.weights_desc()};
  }

 private:
  ParameterOffsets parameters_;
  Primitive forward_, backward_data_, backward_weights_;
  PackedWeights forward_weights_, backward_data_weights_;
  PackedGradient weight_gradient_;
  GradientTarget<Storage> input_gradient_;
};

}  // namespace attar::detail::onednn
