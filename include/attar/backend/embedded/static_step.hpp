// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include <attar/backend/embedded/float_product.hpp>
#include <attar/backend/embedded/int8_product.hpp>
#include <attar/backend/embedded/static_program.hpp>
#include <attar/backend/int8_preparer.hpp>
#include <attar/backend/int8_program.hpp>
#include <attar/backend/kernels/inference_step.hpp>
#include <attar/backend/kernels/int8_step.hpp>
#include <attar/backend/operation.hpp>
#include <attar/backend/step_session.hpp>
#include <attar/layers/op.hpp>
#include <attar/model/fuse.hpp>
#include <attar/model/int8_model.hpp>
#include <attar/model/program.hpp>

/// The steps of an inference whose architecture the compiler knows. What they keep is prepared at run time, for all
/// architectures alike; which kernel a step runs is decided by the compiler, from its shape alone, so that layers of
/// one shape share their code.
namespace attar::detail {

/// The steps of an int8 inference, of weights up to `WeightLimit`.
template <int WeightLimit>
struct Int8Steps {
  using Number = std::int8_t;
  using Product = Int8Product;
  static constexpr const char* precision = "int8";

  [[nodiscard]] static constexpr ProductShape shape_of(const Op& op, const Program& program) {
    ProductShape shape = shape_of_product(op, program);
    shape.weight_limit = WeightLimit;
    return shape;
  }

  std::vector<Int8Product> products;
  std::vector<Int8KernelStep> kernels;  ///< One image at a time, as all steps here.

  /// For the fused operations of a program, whose result is value `output`.
  Int8Steps(std::span<const Op> ops, int output, const Int8Model& model) {
    const FusedProgram fused{{}, output};
    const Int8Preparer preparer{model, fused};
    for (const Op& op : ops) {
      Int8Op prepared = preparer.prepare(op);
      if (is_product(op)) {
        products.emplace_back(shape_of(op, model.program), prepared, model.weight(op.weight));
      } else {
        kernels.emplace_back(std::move(prepared), 1);
      }
    }
  }

  /// Step `I` of program `P`.
  template <class P, std::size_t I>
  void execute(const StepPointers& p) const noexcept {
    constexpr const Op& op = P::tables.ops[I];
    constexpr std::size_t place = P::tables.places[I];
    if constexpr (is_product(op)) {
      constexpr bool floats = gives_floats(op, P::tables.output);
      products[place].template execute<shape_of(op, P::program), op.activation, floats>(p);
    } else {
      kernels[place].template execute_as<op.kind>(p);
    }
  }
};

/// The steps of a float inference.
struct FloatSteps {
  using Number = float;
  using Product = FloatProduct;
  static constexpr const char* precision = "fp32";

  [[nodiscard]] static constexpr ProductShape shape_of(const Op& op, const Program& program) {
    return shape_of_product(op, program);
  }

  std::vector<FloatProduct> products;
  std::vector<KernelStep<float>> kernels;  ///< One image at a time, as all steps here.

  /// For the fused operations of `program` with its parameters.
  FloatSteps(std::span<const Op> ops, const Program& program, std::span<const float> parameters) {
    const auto tensor = [&](int index) {
      if (index < 0) return std::span<const float>{};
      const Parameter& parameter = program.parameter(index);
      return parameters.subspan(parameter.offset, parameter.size);
    };
    for (const Op& op : ops) {
      if (is_product(op)) {
        products.emplace_back(shape_of(op, program), tensor(op.weight), tensor(op.bias));
      } else {
        kernels.emplace_back(OperationContext{op, program, 1}, parameters);
      }
    }
  }

  /// Step `I` of program `P`.
  template <class P, std::size_t I>
  void execute(const StepPointers& p) const noexcept {
    constexpr const Op& op = P::tables.ops[I];
    constexpr std::size_t place = P::tables.places[I];
    if constexpr (is_product(op)) {
      products[place].template execute<shape_of(op, P::program), op.activation>(p);
    } else {
      kernels[place].template execute_as<op.kind>(p);
    }
  }
};

}  // namespace attar::detail
