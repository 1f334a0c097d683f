// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <type_traits>
#include <vector>

#include <attar/model/network.hpp>
#include <attar/prune/mask.hpp>
#include <attar/prune/options.hpp>

namespace attar {

/// The share of zeros is reached in each layer.
struct PerLayer {};

/// The share of zeros is reached in the network as a whole: layers with small weights lose more.
struct Global {};

namespace detail {

/// The `count` of `indices` whose numbers are smallest in magnitude; among equals those that come first.
template <class Scalar>
std::span<const std::size_t> smallest(std::span<const Scalar> numbers, std::span<std::size_t> indices,
                                      std::size_t count) {
  const auto before = [&](std::size_t a, std::size_t b) {
    const Scalar first = std::abs(numbers[a]);
    const Scalar second = std::abs(numbers[b]);
    return first < second || (first == second && a < b);
  };
  std::ranges::nth_element(indices, indices.begin() + static_cast<std::ptrdiff_t>(count), before);
  return indices.first(count);
}

/// `share` of `count`, to the nearest.
template <class Share>
constexpr std::size_t part_of(std::size_t count) {
  constexpr auto numerator = static_cast<std::size_t>(Share::numerator);
  constexpr auto denominator = static_cast<std::size_t>(Share::denominator);
  return (2 * count * numerator + denominator) / (2 * denominator);
}

}  // namespace detail

/// Zeroes the weights of smallest magnitude (Han et al. 2015), a policy for `prune`. Weights are those of convolutions
/// and linear layers; biases and norms stay. `Scope` is `PerLayer` or `Global`. The zeros make the compressed file
/// smaller, not the network faster.
template <class Share, class Scope = PerLayer>
struct Magnitude {
  static_assert(detail::is_sparsity<Share> && (std::is_same_v<Scope, PerLayer> || std::is_same_v<Scope, Global>),
                "attar[E038]: Magnitude takes a Sparsity, and PerLayer or Global");

  /// What `prune` does with this policy.
  template <Architecture A, class Scalar>
  [[nodiscard]] static MaskedNetwork<A, Scalar> apply(const Network<A, Scalar>& network) {
    MaskedNetwork<A, Scalar> masked{network, {}};
    std::vector<std::size_t> indices;
    const auto drop = [&] {
      for (const std::size_t index :
           detail::smallest(network.trainable(), std::span{indices}, detail::part_of<Share>(indices.size()))) {
        masked.mask.drop(index);
      }
      indices.clear();
    };
    for (const Parameter& parameter : A::program.parameters) {
      if (parameter.role != Role::weight) continue;
      for (std::size_t i = 0; i < parameter.size; ++i) indices.push_back(parameter.offset + i);
      if (std::is_same_v<Scope, PerLayer>) drop();
    }
    drop();
    masked.mask(masked.network.trainable());
    return masked;
  }
};

}  // namespace attar
