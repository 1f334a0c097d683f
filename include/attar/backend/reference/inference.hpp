// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include <attar/backend/inference_session.hpp>
#include <attar/backend/operation.hpp>
#include <attar/backend/reference/infer.hpp>
#include <attar/backend/step_session.hpp>
#include <attar/layers/op.hpp>
#include <attar/model/program.hpp>

namespace attar {

template <class Scalar>
struct Reference;

namespace detail {

/// One operation of an inference by plain loops. As the oracle it may allocate while it runs.
template <class Storage, class Scalar>
class ReferenceStep {
 public:
  using Binding = StepPointers;

  ReferenceStep(const OperationContext& context, std::span<const Scalar> parameters)
      : op_{context.op},
        program_{context.program},
        batch_{context.batch},
        parameters_{parameters.begin(), parameters.end()} {}

  [[nodiscard]] std::string kernel_name() const { return "reference loops"; }
  [[nodiscard]] std::size_t scratchpad_bytes() const noexcept { return 0; }
  [[nodiscard]] Binding bind(const StepPointers& pointers) const noexcept { return pointers; }

  void execute(Binding& pointers) const noexcept {
    std::array<const Storage*, max_operands> inputs{};
    for (std::size_t k = 0; k < inputs.size(); ++k) inputs[k] = reinterpret_cast<const Storage*>(pointers.inputs[k]);
    reference_infer(OperationContext{op_, program_, batch_}, inputs,
                    reinterpret_cast<const Storage*>(pointers.residual), parameters_.data(),
                    reinterpret_cast<Storage*>(pointers.output));
  }

 private:
  Op op_;
  Program program_;
  int batch_;
  std::vector<Scalar> parameters_;
};

/// The inference of the reference backend.
template <class Scalar, class Storage>
struct InferenceOf<Reference<Scalar>, Storage> {
  using Step = ReferenceStep<Storage, Scalar>;
  static constexpr bool sums_in_place = false;

  static Step prepare(const OperationContext& context, std::span<const Scalar> parameters, bool) {
    return {context, parameters};
  }
};

}  // namespace detail
}  // namespace attar
