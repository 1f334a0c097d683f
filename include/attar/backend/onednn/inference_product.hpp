// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstring>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <dnnl.hpp>

#include <attar/backend/onednn/conv2d.hpp>
#include <attar/backend/onednn/engine.hpp>
#include <attar/backend/onednn/primitive.hpp>
#include <attar/backend/operation.hpp>
#include <attar/backend/step_session.hpp>
#include <attar/core/aligned_buffer.hpp>
#include <attar/detail/whole_range.hpp>

namespace attar::detail::onednn {

/// What a convolution or linear layer of an inference is made from, beside its place in the program.
struct ProductRecipe {
  dnnl::memory::data_type source_type;
  dnnl::memory::data_type destination_type;
  dnnl::memory::data_type weights_type;
  dnnl::memory::data_type flat_type;  ///< Of the weights that are given, in PyTorch's order.
  const void* weights;
  std::span<const float> bias;    ///< Empty: none.
  std::span<const float> scales;  ///< Per output channel, of the sums over the weights; empty: none.
  dnnl::post_ops post_ops;
  bool in_place;  ///< The residual already lies where the result goes.
};

/// A convolution or linear layer prepared for inference: weights in the layout that oneDNN wants, constant. A linear
/// layer is a convolution of one row of pixels, which are the images of the batch.
class InferenceProduct {
 public:
  class Binding {
   public:
    Binding(const InferenceProduct& product, const StepPointers& pointers)
        : stream_{engine()}, residual_{pointers.residual}, output_{pointers.output} {
      add(DNNL_ARG_SRC, product.source_, pointers.inputs[0]);
      add(DNNL_ARG_WEIGHTS, product.packed_layout_, product.weights_.data());
      if (!product.bias_.empty()) add(DNNL_ARG_BIAS, product.vector_, product.bias_.data());
      if (!product.scales_.empty()) {
        add(DNNL_ARG_ATTR_SCALES | DNNL_ARG_WEIGHTS, product.vector_, product.scales_.data());
      }
      add(DNNL_ARG_DST, product.destination_, pointers.output);
      add(DNNL_ARG_SCRATCHPAD, product.scratchpad_, pointers.scratchpad);
    }

   private:
    friend InferenceProduct;
    void add(int index, const Layout& layout, const void* data) {
      memories_.emplace_back(layout, engine(), const_cast<void*>(data));  // NOLINT: oneDNN has no const memory
      arguments_.push_back({index, memories_.back().get()});
    }

    dnnl::stream stream_;
    std::vector<dnnl::memory> memories_;
    std::vector<dnnl_exec_arg_t> arguments_;
    const std::byte* residual_;
    std::byte* output_;
  };

  InferenceProduct(const OperationContext& context, const ProductRecipe& recipe) {
    guarded("inference", [&] { build(context, recipe); });
  }

  /// What oneDNN says that it chose: "oneDNN brgconv:avx512_core_vnni".
  [[nodiscard]] const std::string& kernel_name() const noexcept { return kernel_name_; }
  [[nodiscard]] std::size_t scratchpad_bytes() const { return scratchpad_.get_size(); }

  [[nodiscard]] Binding bind(const StepPointers& pointers) const {
    return guarded("inference", [&] { return Binding{*this, pointers}; });
  }

  void execute(Binding& binding) const noexcept {
    if (copied_bytes_ > 0) std::memcpy(binding.output_, binding.residual_, copied_bytes_);
    // Everything that can fail was checked when the primitive was made: the status is always success.
    dnnl_primitive_execute(primitive_.get(), binding.stream_.get(), static_cast<int>(binding.arguments_.size()),
                           binding.arguments_.data());
  }

 private:
  void build(const OperationContext& context, const ProductRecipe& recipe) {
    const Op& op = context.op;
    ConvolutionSizes sizes{context};
    if (op.kind == OpKind::linear) {
      std::swap(sizes.source[0], sizes.source[2]);
      std::swap(sizes.destination[0], sizes.destination[2]);
    }
    const dnnl::memory::dim outputs = sizes.destination[1];
    source_ = {sizes.source, recipe.source_type, Tag::nhwc};
    destination_ = {sizes.destination, recipe.destination_type, Tag::nhwc};
    vector_ = {{outputs}, dnnl::memory::data_type::f32, Tag::x};
    const Layout flat{sizes.weights, recipe.flat_type, op.groups > 1 ? Tag::goihw : Tag::oihw};
    dnnl::primitive_attr attributes = user_scratchpad();
    attributes.set_post_ops(recipe.post_ops);
    if (!recipe.scales.empty()) attributes.set_scales_mask(DNNL_ARG_WEIGHTS, op.groups > 1 ? 3 : 1);
    const dnnl::convolution_forward::primitive_desc description{engine(),
                                                                dnnl::prop_kind::forward_inference,
                                                                dnnl::algorithm::convolution_direct,
                                                                source_,
                                                                {sizes.weights, recipe.weights_type, Tag::any},
                                                                recipe.bias.empty() ? Layout{} : vector_,
                                                                destination_,
                                                                sizes.strides,
                                                                sizes.dilations,
                                                                sizes.padding_begin,
                                                                sizes.padding_end,
                                                                attributes};
    primitive_ = dnnl::convolution_forward{description};
    kernel_name_ = std::string{"oneDNN "} + description.impl_info_str();
    scratchpad_ = description.scratchpad_desc();
    packed_layout_ = description.weights_desc();
    bias_ = copy(recipe.bias);
    scales_ = copy(recipe.scales);
    weights_ = AlignedBuffer<std::byte>{packed_layout_.get_size()};
    dnnl::memory from{flat, engine(), const_cast<void*>(recipe.weights)};  // NOLINT: oneDNN has no const memory
    dnnl::memory to{packed_layout_, engine(), weights_.data()};
    dnnl::stream queue{engine()};
    dnnl::reorder{from, to}.execute(queue, from, to);
    queue.wait();
    if (op.residual >= 0 && !recipe.in_place) copied_bytes_ = destination_.get_size();
  }

  static AlignedBuffer<float> copy(std::span<const float> numbers) {
    AlignedBuffer<float> result{numbers.size()};
    detail::copy(numbers, result.begin());
    return result;
  }

  dnnl::primitive primitive_;
  std::string kernel_name_;
  Layout source_, destination_, packed_layout_, vector_, scratchpad_;
  AlignedBuffer<std::byte> weights_;
  AlignedBuffer<float> bias_;
  AlignedBuffer<float> scales_;
  std::size_t copied_bytes_ = 0;
};

}  // namespace attar::detail::onednn
