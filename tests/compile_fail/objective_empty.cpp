// attar[E050]
// SPDX-License-Identifier: MIT
#include <attar/distill/objective.hpp>
#include <attar/loss/hard_labels.hpp>

using namespace attar;

#if ATTAR_ACCEPT
Distill<HardLabels<>> objective;
#else
Distill<> objective;
#endif
