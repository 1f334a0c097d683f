// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <type_traits>

#include <attar/distill/fusion.hpp>
#include <attar/loss/features.hpp>
#include <attar/loss/objective.hpp>

namespace attar {

namespace detail {

template <class Item>
inline constexpr bool is_fuse = false;
template <class W, FusionOf Of>
inline constexpr bool is_fuse<Fuse<W, Of>> = true;

/// What a `Fuse`, or none, fuses.
template <class Fusion>
inline constexpr FusionOf fusion_of = FusionOf::losses;
template <class W, FusionOf Of>
inline constexpr FusionOf fusion_of<Fuse<W, Of>> = Of;

/// The `Fuse` among the items, or void.
template <class... Items>
struct FuseOf {
  using type = void;
};
template <class Item, class... Rest>
struct FuseOf<Item, Rest...> {
  using type = std::conditional_t<is_fuse<Item>, Item, typename FuseOf<Rest...>::type>;
};

template <class Item>
inline constexpr bool item_needs_teacher = false;
template <class Item>
  requires(LossTerm<Item> || FeatureTerm<Item>)
inline constexpr bool item_needs_teacher<Item> = Item::needs_teacher;

template <class Item>
inline constexpr bool item_needs_maps = false;
template <FeatureTerm Item>
inline constexpr bool item_needs_maps<Item> = Item::needs_teacher;

}  // namespace detail

/// The sum of weighted terms that a student is taught with: on outputs (`LossTerm`), on features (`FeatureTerm`), and,
/// with several teachers, how they are fused (`Fuse`). A type without data; terms of weight zero cost nothing.
///
///     using Objective = Distill<SoftTargets<Temperature<4>, Weight<9, 10>>, HardLabels<Weight<1, 10>>>;
template <class... Items>
struct Distill {
  static_assert(((LossTerm<Items> || FeatureTerm<Items> || detail::is_fuse<Items>) && ...),
                "attar[E055]: the items of Distill are loss terms, feature terms and at most one Fuse");
  static_assert((LossTerm<Items> || ... || false) || (FeatureTerm<Items> || ... || false),
                "attar[E050]: an objective has at least one term, such as HardLabels<>");
  static_assert((0 + ... + static_cast<int>(detail::is_fuse<Items>)) <= 1,
                "attar[E055]: the items of Distill are loss terms, feature terms and at most one Fuse");

  using Fusion = typename detail::FuseOf<Items...>::type;
  static constexpr bool needs_teacher = (detail::item_needs_teacher<Items> || ...);
  /// Whether any term looks at feature maps.
  static constexpr bool needs_maps = (detail::item_needs_maps<Items> || ...);

  /// Calls `body(std::type_identity<Term>{})` for each term on outputs.
  template <class Body>
  static constexpr void for_each_output_term(Body&& body) {
    [[maybe_unused]] const auto visit = [&]<class Item>(std::type_identity<Item> item) {
      if constexpr (LossTerm<Item>) body(item);
    };
    (visit(std::type_identity<Items>{}), ...);
  }

  /// Calls `body(std::type_identity<Term>{})` for each term on features whose weight is not always zero.
  template <class Body>
  static constexpr void for_each_feature_term(Body&& body) {
    [[maybe_unused]] const auto visit = [&]<class Item>(std::type_identity<Item> item) {
      if constexpr (detail::item_needs_maps<Item>) body(item);
    };
    (visit(std::type_identity<Items>{}), ...);
  }
};

}  // namespace attar
