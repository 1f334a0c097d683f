// SPDX-License-Identifier: MIT
#include <attar/backend/onednn/prepare.hpp>
#include <attar/backend/training_session.hpp>

namespace attar {

template OperationPointer<float, float> OneDnn::prepare<float>(const OperationContext&);
template OperationPointer<bf16, float> OneDnn::prepare<bf16>(const OperationContext&);
template class TrainingSession<OneDnn, float>;
template class TrainingSession<OneDnn, bf16>;

}  // namespace attar
