// attar[E055]
// SPDX-License-Identifier: MIT
#include <attar/distill/distill.hpp>
#include <attar/loss/attention_transfer.hpp>
#include <attar/loss/fit_net.hpp>
#include <attar/loss/hard_labels.hpp>
#include <attar/loss/soft_targets.hpp>

using namespace attar;

#if ATTAR_ACCEPT
using Objective = Distill<HardLabels<>>;
static_assert(!Objective::needs_teacher);
#else
using Objective = Distill<HardLabels<>, Weight<1>>;
static_assert(!Objective::needs_teacher);
#endif
