// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include <attar/backend/embedded/float_product.hpp>
#include <attar/backend/embedded/int8_product.hpp>
#include <attar/backend/embedded/tiling.hpp>
#include <attar/backend/int8_program.hpp>
#include <attar/backend/kernels/inference_step.hpp>
#include <attar/backend/kernels/int8_step.hpp>
#include <attar/backend/operation.hpp>
#include <attar/backend/step_session.hpp>
#include <attar/layers/op.hpp>
#include <attar/model/int8_model.hpp>
#include <attar/model/program.hpp>

/// Makes the steps of an inference whose architecture the compiler knows, operation `I` of a `StaticProgram`. Steps
/// depend on shapes alone, so that layers of one shape share their code.
namespace attar::detail {

[[nodiscard]] constexpr bool is_product(const Op& op) {
  return op.kind == OpKind::conv2d || op.kind == OpKind::linear;
}

/// A step of one kind by the kernels that all backends share, for one image.
template <class Step, OpKind Kind>
class StaticKernel {
 public:
  explicit StaticKernel(Step step) : step_{std::move(step)} {}
  [[nodiscard]] std::string kernel_name() const { return step_.kernel_name(); }
  [[nodiscard]] static constexpr std::size_t scratchpad_bytes() noexcept { return 0; }
  void execute(const StepPointers& p) const noexcept { step_.template execute_as<Kind>(p); }

 private:
  Step step_;
};

template <class P, std::size_t I>
[[nodiscard]] constexpr ProductShape static_shape() {
  constexpr const Op& op = P::tables.ops[I];
  return product_shape(op, P::shape(op.operands[0]), P::shape(op.output));
}

/// Step `I` of an int8 inference.
template <class P, std::size_t I>
[[nodiscard]] auto make_int8_step(const Int8Model& model, const Int8Preparer& preparer) {
  constexpr const Op& op = P::tables.ops[I];
  Int8Op prepared = preparer.prepare(op);
  if constexpr (is_product(op)) {
    return Int8Product<static_shape<P, I>(), op.activation, (op.residual >= 0), gives_floats(op, P::tables.output)>{
        prepared, model.weight(op.weight)};
  } else {
    return StaticKernel<Int8KernelStep, op.kind>{Int8KernelStep{std::move(prepared), 1}};
  }
}

/// Step `I` of a float inference with the parameters of `program`.
template <class P, std::size_t I>
[[nodiscard]] auto make_float_step(const Program& program, std::span<const float> parameters) {
  constexpr const Op& op = P::tables.ops[I];
  if constexpr (is_product(op)) {
    const auto tensor = [&](int index) {
      if (index < 0) return std::span<const float>{};
      const Parameter& parameter = program.parameter(index);
      return parameters.subspan(parameter.offset, parameter.size);
    };
    return FloatProduct<static_shape<P, I>(), op.activation, (op.residual >= 0)>{tensor(op.weight), tensor(op.bias)};
  } else {
    return StaticKernel<KernelStep<float>, op.kind>{KernelStep<float>{OperationContext{op, program, 1}, parameters}};
  }
}

}  // namespace attar::detail
