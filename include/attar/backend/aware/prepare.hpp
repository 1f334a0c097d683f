// SPDX-License-Identifier: MIT
#pragma once

#include <attar/backend/aware/shared.hpp>
#include <attar/backend/operation.hpp>

namespace attar::detail {

/// An operation of a quantization-aware training step, made from those of a backend (by its `prepare<float>`).
[[nodiscard]] OperationPointer<float, float> prepare_aware(const OperationContext& context, AwareShared& shared,
                                                           PrepareInFloat& prepare);

}  // namespace attar::detail

#ifndef ATTAR_COMPILED
#include <attar/backend/aware/operations.hpp>
#endif
