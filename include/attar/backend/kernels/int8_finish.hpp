// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>

#include <attar/backend/int8_program.hpp>
#include <attar/backend/kernels/int8.hpp>
#include <attar/backend/kernels/int8_tile.hpp>
#include <attar/backend/kernels/int8_vector.hpp>
#include <attar/backend/kernels/vector.hpp>
#include <attar/backend/step_session.hpp>

namespace attar::detail {

/// What follows the integer sums of a `conv2d` or `linear` step: multiplier and offset, residual, activation, rounding.
/// `sum` holds the sums of neighbouring channels of one pixel, the first of them `channel`, which is element `at` of
/// the result.
template <int L>
inline void int8_finish(const Int8Op& op, const StepPointers& p, std::size_t at, std::size_t channel, Floats<L> sum,
                        Lanes<L> lanes) noexcept {
  Floats<L> y = sum * load(op.multiplier.data() + channel, lanes);
  round_here(y);
  y += load(op.offset.data() + channel, lanes);
  if (p.residual != nullptr) {
    // The product is exact.
    y += (op.signed_residual ? load_floats(as<std::int8_t>(p.residual) + at, lanes)
                             : load_floats(as<std::uint8_t>(p.residual) + at, lanes)) *
         op.residual_multiplier;
  }
  if (op.activation == Int8Activation::clip) y = int8_clip(y, op.limit);
  if (op.activation == Int8Activation::hard_swish) {
    y = int8_add(int8_product_hard_swish(y, op.slope), op.result_zero);
  }
  if (op.float_output) {
    store(as<float>(p.output) + at, y, lanes);
  } else if (op.signed_output) {
    store_rounded(as<std::int8_t>(p.output) + at, y, lanes);
  } else {
    store_rounded(as<std::uint8_t>(p.output) + at, y, lanes);
  }
}

}  // namespace attar::detail
