// SPDX-License-Identifier: MIT
#include <attar/backend/mixed_session.hpp>
#include <attar/backend/onednn/inference.hpp>
#include <attar/backend/onednn/int8.hpp>

namespace attar {

template class detail::StepSession<detail::InferenceOf<OneDnn, float>::Step>;
template class detail::StepSession<detail::InferenceOf<OneDnn, bf16>::Step>;
template class detail::StepSession<detail::Int8InferenceOf<OneDnn>::Step>;
template class detail::StepSession<detail::MixedStepOf<OneDnn>::type>;
template class InferenceSession<OneDnn, float>;
template class InferenceSession<OneDnn, bf16>;
template class Int8Session<OneDnn>;
template class MixedSession<OneDnn>;

}  // namespace attar
