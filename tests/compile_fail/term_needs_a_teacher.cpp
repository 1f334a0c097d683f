// attar[E054]
// SPDX-License-Identifier: MIT
#include <attar/loss/hard_labels.hpp>
#include <attar/loss/soft_targets.hpp>
#include <attar/train/lesson.hpp>

using namespace attar;

#if ATTAR_ACCEPT
constexpr std::size_t bytes = sizeof(TermLesson<HardLabels<>>);
#else
constexpr std::size_t bytes = sizeof(TermLesson<SoftTargets<>>);
#endif
