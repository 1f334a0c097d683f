// SPDX-License-Identifier: MIT
#include <attar/backend/eigen/prepare.hpp>
#include <attar/backend/mixed_session.hpp>
#include <attar/backend/training_session.hpp>

namespace attar {

template OperationPointer<float, float> EigenBackend::prepare<float>(const OperationContext&);
template class TrainingSession<EigenBackend, float>;

template class detail::StepSession<detail::InferenceOf<EigenBackend, float>::Step>;
template class detail::StepSession<detail::Int8InferenceOf<EigenBackend>::Step>;
template class detail::StepSession<detail::MixedStepOf<EigenBackend>::type>;
template class InferenceSession<EigenBackend, float>;
template class Int8Session<EigenBackend>;
template class MixedSession<EigenBackend>;

}  // namespace attar
