// attar[E054]
// SPDX-License-Identifier: MIT
#include <attar/loss/hard_labels.hpp>
#include <attar/loss/soft_targets.hpp>
#include <attar/train/lesson.hpp>

using namespace attar;

#if ATTAR_ACCEPT
template class attar::TermLesson<HardLabels<>>;
#else
template class attar::TermLesson<SoftTargets<>>;
#endif
