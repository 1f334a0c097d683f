// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>

#include <dnnl.hpp>

#include <attar/backend/onednn/primitive.hpp>
#include <attar/backend/operation.hpp>
#include <attar/core/aligned_buffer.hpp>

namespace attar::detail::onednn {

/// Where the weight and the bias of an operation stand in a flat buffer.
class ParameterOffsets {
 public:
  explicit ParameterOffsets(const OperationContext& context)
      : weight_{context.program.parameter(context.op.weight).offset}, has_bias_{context.op.bias >= 0} {
    if (has_bias_) bias_ = context.program.parameter(context.op.bias).offset;
  }

  [[nodiscard]] bool has_bias() const noexcept { return has_bias_; }
  [[nodiscard]] float* weight(float* buffer) const noexcept { return buffer + weight_; }
  /// Null where there is none.
  [[nodiscard]] float* bias(float* buffer) const noexcept { return has_bias_ ? buffer + bias_ : nullptr; }

 private:
  std::size_t weight_;
  std::size_t bias_ = 0;
  bool has_bias_;
};

/// A parameter tensor as a primitive reads it: converted from the flat buffer where the layouts differ.
class PackedWeights {
 public:
  PackedWeights() = default;
  PackedWeights(const Layout& flat, const Layout& packed) {
    if (flat == packed) return;
    buffer_ = AlignedBuffer<std::byte>{packed.get_size()};
    reorder_ = Primitive{dnnl::reorder::primitive_desc{engine(), flat, engine(), packed, user_scratchpad()},
                         {{DNNL_ARG_FROM, flat}, {DNNL_ARG_TO, packed}}};
  }

  /// The packed form of the tensor at `flat`, valid until the next call.
  const void* pack(const float* flat) {
    if (!reorder_) return flat;
    reorder_(flat, buffer_.data());
    return buffer_.data();
  }

 private:
  AlignedBuffer<std::byte> buffer_;
  Primitive reorder_;
};

/// The gradient of a parameter tensor as a primitive writes it: converted to the flat buffer where the layouts differ.
class PackedGradient {
 public:
  PackedGradient() = default;
  PackedGradient(const Layout& packed, const Layout& flat) {
    if (flat == packed) return;
    buffer_ = AlignedBuffer<std::byte>{packed.get_size()};
    reorder_ = Primitive{dnnl::reorder::primitive_desc{engine(), packed, engine(), flat, user_scratchpad()},
                         {{DNNL_ARG_FROM, packed}, {DNNL_ARG_TO, flat}}};
  }

  /// Where the primitive shall write, if the result is wanted at `flat`.
  [[nodiscard]] void* target(float* flat) { return reorder_ ? static_cast<void*>(buffer_.data()) : flat; }

  /// Brings what was written to `flat`.
  void unpack(float* flat) {
    if (reorder_) reorder_(buffer_.data(), flat);
  }

 private:
  AlignedBuffer<std::byte> buffer_;
  Primitive reorder_;
};

}  // namespace attar::detail::onednn
