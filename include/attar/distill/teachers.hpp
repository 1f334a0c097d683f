// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <tuple>

#include <attar/model/network.hpp>

namespace attar {

/// The networks that a student learns from, by reference: they must outlive the distillation.
template <class... Networks>
struct Teachers {
  static constexpr std::size_t count = sizeof...(Networks);
  std::tuple<const Networks&...> networks;
};

/// Names the teachers of a distillation: `teachers(teacher)`.
template <class... Architectures>
[[nodiscard]] Teachers<Network<Architectures>...> teachers(const Network<Architectures>&... networks) {
  return {{networks...}};
}

}  // namespace attar
