// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
#include <string>

#include <attar/backend/eigen/backend.hpp>
#include <attar/backend/eigen/conv2d.hpp>
#include <attar/backend/eigen/linear.hpp>
#include <attar/backend/inference_session.hpp>
#include <attar/backend/kernels/depthwise_step.hpp>
#include <attar/backend/kernels/inference_step.hpp>
#include <attar/backend/one_of_step.hpp>
#include <attar/backend/operation.hpp>
#include <attar/backend/step_session.hpp>
#include <attar/core/aligned_buffer.hpp>
#include <attar/core/parallel.hpp>
#include <attar/detail/whole_range.hpp>

namespace attar {

namespace detail {

/// A convolution or linear layer of an inference by matrix products in Eigen.
class EigenProductStep {
 public:
  using Binding = StepPointers;

  EigenProductStep(const OperationContext& context, std::span<const float> parameters)
      : op_{context.op},
        geometry_{context.op, context.program},
        batch_{static_cast<std::size_t>(context.batch)},
        weights_{geometry_.weights()} {
    const auto tensor = [&](int index) {
      const Parameter& parameter = context.program.parameter(index);
      return parameters.subspan(parameter.offset, parameter.size);
    };
    if (op_.kind == OpKind::linear) {
      detail::copy(tensor(op_.weight), weights_.begin());
    } else {
      geometry_.pack(tensor(op_.weight).data(), weights_.data());
      jobs_ = batch_ * geometry_.blocks();
      workers_ = std::min(static_cast<std::size_t>(thread_count()), jobs_);
    }
    if (op_.bias >= 0) {
      bias_ = AlignedBuffer<float>{geometry_.out_channels()};
      detail::copy(tensor(op_.bias), bias_.begin());
    }
  }

  [[nodiscard]] std::string kernel_name() const { return "Eigen matrix product"; }
  [[nodiscard]] std::size_t scratchpad_bytes() const noexcept {
    return workers_ * geometry_.columns_size() * sizeof(float);
  }
  [[nodiscard]] Binding bind(const StepPointers& pointers) const noexcept { return pointers; }

  void execute(auto& p) const noexcept {
    const auto* input = reinterpret_cast<const float*>(p.inputs[0]);
    const auto* residual = reinterpret_cast<const float*>(p.residual);
    auto* output = reinterpret_cast<float*>(p.output);
    if (op_.kind == OpKind::linear) {
      return multiply_rows<float>(batch_, geometry_.in_channels(), geometry_.out_channels(), input, weights_.data(),
                                  bias_.data(), op_.activation, output);
    }
    parallel_for(workers_, [&](std::size_t worker) {
      float* columns = reinterpret_cast<float*>(p.scratchpad) + worker * geometry_.columns_size();
      for (std::size_t job = jobs_ * worker / workers_; job < jobs_ * (worker + 1) / workers_; ++job) {
        const std::size_t image = job / geometry_.blocks();
        const std::size_t at = image * geometry_.out().size();
        convolve_block<float>(geometry_, job % geometry_.blocks(), input + image * geometry_.in().size(),
                              weights_.data(), bias_.data(), residual == nullptr ? nullptr : residual + at,
                              op_.activation, columns, output + at);
      }
    });
  }

 private:
  Op op_;
  ConvGeometry geometry_;
  std::size_t batch_;
  std::size_t jobs_ = 0;
  std::size_t workers_ = 0;
  AlignedBuffer<float> weights_;
  AlignedBuffer<float> bias_;
};

inline auto InferenceOf<EigenBackend, float>::prepare(const OperationContext& context,
                                                      std::span<const float> parameters, bool) -> Step {
  const Op& op = context.op;
  if (op.kind != OpKind::conv2d && op.kind != OpKind::linear) return KernelStep<float>{context, parameters};
  if (DepthwiseStep::handles(context)) return DepthwiseStep{context, parameters};
  return EigenProductStep{context, parameters};
}

}  // namespace detail
}  // namespace attar
