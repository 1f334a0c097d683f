// attar[E053]
// SPDX-License-Identifier: MIT
#include <attar/distill/distill.hpp>
#include <attar/loss/attention_transfer.hpp>
#include <attar/loss/fit_net.hpp>
#include <attar/loss/hard_labels.hpp>
#include <attar/loss/soft_targets.hpp>

using namespace attar;

using Net = Sequential<Input<1, 8, 8>, Conv2d<4, Kernel<3>>, BatchNorm2d, ReLU, Tag<"seen">, GlobalAvgPool, Linear<3>>;

#if ATTAR_ACCEPT
static_assert(detail::check_distillation<Distill<SoftTargets<>>, Net, const Network<Net>&>());
#else
static_assert(detail::check_distillation<Distill<SoftTargets<>>, Net>());
#endif
