// SPDX-License-Identifier: MIT
#pragma once

#include <functional>
#include <map>
#include <string>
#include <type_traits>

namespace attar {

/// The sparsity is reached in each layer: an option of `Weights`, and its default.
struct PerLayer {};

/// The sparsity is reached in the network as a whole: layers whose scores are small lose more.
struct Global {};

/// A sparsity, in [0, 1), for each layer named ("3.main.0", as in the names of its tensors): decided at run time, say
/// by how much each layer's sparsity hurts. Layers that are not named stay dense.
using LayerRatios = std::map<std::string, double, std::less<>>;

namespace detail {

template <class Option>
struct IsPruningScope : std::bool_constant<std::is_same_v<Option, PerLayer> || std::is_same_v<Option, Global>> {};

}  // namespace detail
}  // namespace attar
