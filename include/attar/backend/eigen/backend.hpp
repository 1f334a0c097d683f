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

/// The portable backend: needs nothing but Eigen, and runs wherever a compiler does. Convolutions and linear layers are
/// matrix products in Eigen, all else (depthwise convolutions too) the kernels that the oneDNN backend uses. In float
/// only.
struct EigenBackend {
  using Scalar = float;

  template <class Storage>
  [[nodiscard]] static OperationPointer<Storage, float> prepare(const OperationContext& context);
};

namespace detail {

template <class Storage>
class KernelStep;
class DepthwiseStep;
class EigenProductStep;
class Int8KernelStep;
class Int8DepthwiseStep;
class Int8ProductStep;

/// Portable inference in float.
template <>
struct InferenceOf<EigenBackend, float> {
  using Step = OneOfStep<KernelStep<float>, DepthwiseStep, EigenProductStep>;
  static constexpr bool sums_in_place = false;
  inline static Step prepare(const OperationContext& context, std::span<const float> parameters, bool in_place);
};

/// Portable int8: our own kernels throughout.
template <>
struct Int8InferenceOf<EigenBackend> {
  using Step = OneOfStep<Int8KernelStep, Int8DepthwiseStep, Int8ProductStep>;
  static constexpr bool sums_in_place = false;
  inline static Step prepare(const Int8Op& op, const OperationContext& context, std::span<const std::int8_t> weights,
                             bool in_place);
};

}  // namespace detail
}  // namespace attar
