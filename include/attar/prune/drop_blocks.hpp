// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <string_view>
#include <type_traits>
#include <utility>

#include <attar/detail/whole_range.hpp>
#include <attar/layers/layers.hpp>
#include <attar/model/network.hpp>
#include <attar/model/sequential.hpp>
#include <attar/model/transform.hpp>

namespace attar {

/// A residual block by its place, as `summary` shows that of its sum: `ResidualAt<"3.0">`.
template <Text Where>
struct ResidualAt {
  static constexpr std::string_view where = Where.view();
};

namespace detail {

template <class T>
inline constexpr bool is_block = false;
template <Text Where>
inline constexpr bool is_block<ResidualAt<Where>> = true;

/// The place of a part of the layer at `parent`.
constexpr Name place_below(Name parent, auto component) {
  if (parent.size() > 0) parent.append(".");
  parent.append(component);
  return parent;
}

/// A layer at the place `Where` without some blocks.
template <class Layer, Name Where, class... Blocks>
struct WithoutBlocks {
  using type = Layer;
};
template <class Layer, Name Where, class... Blocks>
using without_blocks_t = typename WithoutBlocks<Layer, Where, Blocks...>::type;

template <class... Layers, Name Where, class... Blocks>
struct WithoutBlocks<Stack<Layers...>, Where, Blocks...> {
  template <std::size_t... I>
  static auto parts(std::index_sequence<I...>)
      -> Stack<without_blocks_t<Layers, place_below(Where, static_cast<int>(I)), Blocks...>...>;
  using type = decltype(parts(std::index_sequence_for<Layers...>{}));
};

/// The copies are written out where they differ now; a `Stack` names them as a `Repeat` does.
template <int Count, class Layer, Name Where, class... Blocks>
struct WithoutBlocks<Repeat<Count, Layer>, Where, Blocks...> {
  template <std::size_t... I>
  static auto copies(std::index_sequence<I...>) -> std::conditional_t<
      (std::is_same_v<without_blocks_t<Layer, place_below(Where, static_cast<int>(I)), Blocks...>, Layer> && ...),
      Repeat<Count, Layer>, Stack<without_blocks_t<Layer, place_below(Where, static_cast<int>(I)), Blocks...>...>>;
  using type = decltype(copies(std::make_index_sequence<static_cast<std::size_t>(Count)>{}));
};

template <class Main, class Shortcut, Name Where, class... Blocks>
struct WithoutBlocks<Residual<Main, Shortcut>, Where, Blocks...> {
  using type = Residual<without_blocks_t<Main, place_below(Where, "main"), Blocks...>,
                        without_blocks_t<Shortcut, place_below(Where, "shortcut"), Blocks...>>;
};
template <class Main, Name Where, class... Blocks>
struct WithoutBlocks<Residual<Main, Identity>, Where, Blocks...> {
  using type = std::conditional_t<((Where.view() == Blocks::where) || ...), Identity,
                                  Residual<without_blocks_t<Main, place_below(Where, "main"), Blocks...>>>;
};

template <class... Branches, Name Where, class... Blocks>
struct WithoutBlocks<Concat<Branches...>, Where, Blocks...> {
  template <std::size_t... I>
  static auto parts(std::index_sequence<I...>)
      -> Concat<without_blocks_t<Branches, place_below(Where, static_cast<int>(I)), Blocks...>...>;
  using type = decltype(parts(std::index_sequence_for<Branches...>{}));
};

template <class A, class B>
inline constexpr bool has_block = !std::is_same_v<without_blocks_t<typename A::Body, Name{}, B>, typename A::Body>;

enum class BlockFault { none, no_block, not_found };

template <class A, class... Blocks>
consteval BlockFault block_fault() {
  if constexpr (!(is_block<Blocks> && ...)) {
    return BlockFault::no_block;
  } else {
    return (has_block<A, Blocks> && ...) ? BlockFault::none : BlockFault::not_found;
  }
}

template <BlockFault Found, class A, class... Blocks>
struct DroppedArchitecture {
  static_assert(Found != BlockFault::no_block, "attar[E118]: blocks are named by their places: ResidualAt<\"3.0\">");
  static_assert(Found != BlockFault::not_found,
                "attar[E117]: there is no residual block with an identity as its shortcut at this place; only such a "
                "block can be left out without changing shapes");
  using type = A;
};
template <class A, class... Blocks>
struct DroppedArchitecture<BlockFault::none, A, Blocks...> {
  using type =
      typename MakeSequential<typename A::InputLayer, without_blocks_t<typename A::Body, Name{}, Blocks...>>::type;
};

}  // namespace detail

/// `A` without some of its residual blocks: an identity stands in their place, so all other layers keep their names.
template <Architecture A, class... Blocks>
using drop_blocks_t = typename detail::DroppedArchitecture<detail::block_fault<A, Blocks...>(), A, Blocks...>::type;

/// A network of less depth: residual blocks whose shortcut is the identity are left out, all other numbers stay as they
/// are. To be fine-tuned (as Veit et al. 2016 found, residual networks lose little where single blocks are deleted).
///
///     auto shallow = drop_blocks<ResidualAt<"3.0">, ResidualAt<"5.2.0">>(network);
template <class... Blocks, Architecture A, class Scalar>
[[nodiscard]] Network<drop_blocks_t<A, Blocks...>, Scalar> drop_blocks(const Network<A, Scalar>& network) {
  Network<drop_blocks_t<A, Blocks...>, Scalar> shallow;
  for (std::size_t i = 0; i < shallow.program.parameters.size(); ++i) {
    const auto from = network.tensor(shallow.program.parameters[i].name.view());
    detail::copy(from, shallow.tensor(static_cast<int>(i)).begin());
  }
  return shallow;
}

}  // namespace attar
