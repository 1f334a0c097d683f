// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>

#include <attar/backend/kernels/vector.hpp>
#include <attar/core/parallel.hpp>

namespace attar::detail {

/// Calls `body(i, Lanes<L>)` for pieces that cover [0, count), on several threads where it is worth it.
template <class Body>
void for_elements(std::size_t count, Body&& body) {
  const std::size_t chunk = worth_a_thread(4096);
  parallel_ranges((count + chunk - 1) / chunk, [&](std::size_t begin, std::size_t end, std::size_t) {
    for_lanes(begin * chunk, end * chunk < count ? end * chunk : count, body);
  });
}

}  // namespace attar::detail
