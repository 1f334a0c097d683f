// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

#include <attar/backend/onednn/inference_product.hpp>
#include <attar/backend/operation.hpp>
#include <attar/backend/step_session.hpp>
#include <attar/core/aligned_buffer.hpp>
#include <attar/core/parallel.hpp>
#include <attar/core/shape.hpp>
#include <attar/detail/whole_range.hpp>
#include <attar/layers/op.hpp>
#include <attar/model/program.hpp>

namespace attar::detail::onednn {

/// A convolution of bytes that is padded with another byte than 0: the images are copied with what surrounds them, and
/// convolved without padding. So it has oneDNN's fastest kernels and their order of roundings, which its own zero
/// points do not keep.
class PaddedProduct {
 public:
  class Binding {
   public:
    Binding(const PaddedProduct& product, const StepPointers& pointers)
        : images_{pointers.inputs[0]}, copies_{pointers.scratchpad}, product_{product.bind_product(pointers)} {}

   private:
    friend PaddedProduct;
    const std::byte* images_;
    std::byte* copies_;
    InferenceProduct::Binding product_;
  };

  /// `context` is that of the padded convolution.
  PaddedProduct(const OperationContext& context, const ProductRecipe& recipe, std::byte padding)
      : in_{context.program.shape(context.op.operands[0])},
        margins_{context.op.window.padding},
        batch_{static_cast<std::size_t>(context.batch)},
        padding_{padding},
        product_{unpadded(context, recipe, padded_shape())} {}

  [[nodiscard]] std::string kernel_name() const { return product_.kernel_name() + ", padded copy"; }
  [[nodiscard]] std::size_t scratchpad_bytes() const { return copy_bytes() + product_.scratchpad_bytes(); }
  [[nodiscard]] Binding bind(const StepPointers& pointers) const { return {*this, pointers}; }

  void execute(Binding& binding) const noexcept {
    const std::size_t row = padded_shape().size() / padded_rows();
    parallel_for(batch_ * padded_rows(), [&](std::size_t line) {
      copy_row(binding.images_ + line / padded_rows() * in_.size(), line % padded_rows(), binding.copies_ + line * row,
               row);
    });
    product_.execute(binding.product_);
  }

 private:
  [[nodiscard]] Shape padded_shape() const noexcept {
    return {in_.channels, in_.height + 2 * margins_.height, in_.width + 2 * margins_.width};
  }
  [[nodiscard]] std::size_t padded_rows() const noexcept { return static_cast<std::size_t>(padded_shape().height); }
  [[nodiscard]] std::size_t copy_bytes() const noexcept {
    return (batch_ * padded_shape().size() + buffer_alignment - 1) / buffer_alignment * buffer_alignment;
  }

  static InferenceProduct unpadded(const OperationContext& context, const ProductRecipe& recipe, const Shape& padded) {
    Op op = context.op;
    op.window.padding = {0, 0};
    std::vector<Shape> shapes(context.program.values.begin(), context.program.values.end());
    shapes[static_cast<std::size_t>(op.operands[0])] = padded;
    Program program = context.program;
    program.values = detail::span_of(shapes);
    return {OperationContext{op, program, context.batch}, recipe};
  }

  [[nodiscard]] InferenceProduct::Binding bind_product(StepPointers pointers) const {
    pointers.inputs[0] = pointers.scratchpad;
    pointers.scratchpad += copy_bytes();
    return product_.bind(pointers);
  }

  /// Row `line` of an image, counted with the padding above it.
  void copy_row(const std::byte* image, std::size_t line, std::byte* to, std::size_t count) const noexcept {
    const auto above = static_cast<std::size_t>(margins_.height);
    if (line < above || line >= above + static_cast<std::size_t>(in_.height)) {
      std::fill_n(to, count, padding_);
      return;
    }
    const std::size_t margin = static_cast<std::size_t>(margins_.width) * static_cast<std::size_t>(in_.channels);
    const std::size_t width = count - 2 * margin;
    std::fill_n(to, margin, padding_);
    std::copy_n(image + (line - above) * width, width, to + margin);
    std::fill_n(to + margin + width, margin, padding_);
  }

  Shape in_;
  Extent margins_;
  std::size_t batch_;
  std::byte padding_;
  InferenceProduct product_;
};

}  // namespace attar::detail::onednn
