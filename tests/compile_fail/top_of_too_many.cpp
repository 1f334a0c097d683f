// attar[E068]
// SPDX-License-Identifier: MIT
#include <array>
#include <span>

#include <attar/infer/top.hpp>

inline auto best(const std::array<float, 10>& logits) {
#if ATTAR_ACCEPT
  return attar::top<10>(std::span{logits});
#else
  return attar::top<11>(std::span{logits});
#endif
}
