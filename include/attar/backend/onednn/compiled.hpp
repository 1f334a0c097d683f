// SPDX-License-Identifier: MIT
#pragma once

#include <attar/backend/inference_session.hpp>
#include <attar/backend/int8_session.hpp>
#include <attar/backend/mixed_session.hpp>
#include <attar/backend/onednn/backend.hpp>
#include <attar/backend/step_session.hpp>
#include <attar/backend/training_session.hpp>
#include <attar/core/dtype.hpp>

/// What `attar::compiled` holds of the oneDNN backend.
namespace attar {

extern template OperationPointer<float, float> OneDnn::prepare<float>(const OperationContext&);
extern template OperationPointer<bf16, float> OneDnn::prepare<bf16>(const OperationContext&);
extern template class TrainingSession<OneDnn, float>;
extern template class TrainingSession<OneDnn, bf16>;

extern template class detail::StepSession<detail::InferenceOf<OneDnn, float>::Step>;
extern template class detail::StepSession<detail::InferenceOf<OneDnn, bf16>::Step>;
extern template class detail::StepSession<detail::Int8InferenceOf<OneDnn>::Step>;
extern template class detail::StepSession<detail::MixedStepOf<OneDnn>::type>;
extern template class InferenceSession<OneDnn, float>;
extern template class InferenceSession<OneDnn, bf16>;
extern template class Int8Session<OneDnn>;
extern template class MixedSession<OneDnn>;

}  // namespace attar
