// SPDX-License-Identifier: MIT
#pragma once

#include "../../support/gradient_check.hpp"
#include <attar/backend/operation.hpp>
#include <attar/core/dtype.hpp>
#include <attar/model/sequential.hpp>

namespace attar::test {

/// How an operation is held against the oracle.
struct KernelOptions {
  int batch = 3;
  bool integers = false;   ///< Small integers everywhere: results must be equal.
  bool two_parts = false;  ///< The output's gradient comes in two parts.
  bool accumulate = false;
  bool accumulate_residual = false;
  double mean = 0;  ///< Of the operands.
  Tolerance tolerance{1e-5, 1e-5};
};

/// What is computed in bf16 may differ by its rounding.
inline constexpr Tolerance bf16_tolerance{0.01, 0.02};

/// Runs `operation` forward and backward with random numbers and compares all that it writes with the oracle. For
/// float and bf16.
template <class Storage>
void expect_like_reference(const Program& program, const Op& op, OperationPointer<Storage, float> operation,
                           const KernelOptions& options);

/// The portable kernel of an operation; null where there is none. For float and bf16.
template <class Storage>
OperationPointer<Storage, float> portable_kernel(const OperationContext& context);

/// The last operation of an architecture by the portable kernel.
template <class A, class Storage = float>
void check_kernel(KernelOptions options = {}, Op op = A::program.ops.back()) {
  expect_like_reference<Storage>(A::program, op, portable_kernel<Storage>({op, A::program, options.batch}), options);
}

/// The same in float and in bf16, on numbers that both can hold, with and without accumulation.
template <class A>
void check_kernel_exactly(int batch = 3) {
  for (const bool accumulate : {false, true}) {
    const KernelOptions options{.batch = batch, .integers = true, .accumulate = accumulate};
    check_kernel<A, float>(options);
    check_kernel<A, bf16>(options);
  }
}

}  // namespace attar::test
