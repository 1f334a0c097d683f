// attar[E080]
// SPDX-License-Identifier: MIT
#include <attar/distill/distill.hpp>
#include <attar/loss/attention_transfer.hpp>
#include <attar/loss/fit_net.hpp>
#include <attar/loss/hard_labels.hpp>
#include <attar/loss/soft_targets.hpp>

using namespace attar;

#if ATTAR_ACCEPT
static_assert(FitNet<Tap<"seen">, Weight<2>>::needs_teacher);
#else
static_assert(AttentionTransfer<Tap<"seen">, Temperature<4>>::needs_teacher);
#endif
