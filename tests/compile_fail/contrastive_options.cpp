// attar[E090]
// SPDX-License-Identifier: MIT
#include <attar/loss/contrastive.hpp>

using namespace attar;

#if ATTAR_ACCEPT
constexpr bool needs_teacher = Contrastive<Tap<"pooled">, Features<64>, Negatives<128>>::needs_teacher;
#else
constexpr bool needs_teacher = Contrastive<Tap<"pooled">, Temperature<4>>::needs_teacher;
#endif
