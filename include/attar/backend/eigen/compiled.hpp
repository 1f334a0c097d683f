// SPDX-License-Identifier: MIT
#pragma once

#include <attar/backend/eigen/backend.hpp>
#include <attar/backend/inference_session.hpp>
#include <attar/backend/int8_session.hpp>
#include <attar/backend/mixed_session.hpp>
#include <attar/backend/step_session.hpp>
#include <attar/backend/training_session.hpp>

/// What `attar::compiled` holds of the Eigen backend.
namespace attar {

extern template OperationPointer<float, float> EigenBackend::prepare<float>(const OperationContext&);
extern template class TrainingSession<EigenBackend, float>;

extern template class detail::StepSession<detail::InferenceOf<EigenBackend, float>::Step>;
extern template class detail::StepSession<detail::Int8InferenceOf<EigenBackend>::Step>;
extern template class detail::StepSession<detail::MixedStepOf<EigenBackend>::type>;
extern template class InferenceSession<EigenBackend, float>;
extern template class Int8Session<EigenBackend>;
extern template class MixedSession<EigenBackend>;

}  // namespace attar
