// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <type_traits>

#include <attar/backend/embedded/depthwise.hpp>
#include <attar/backend/embedded/dot.hpp>
#include <attar/backend/embedded/narrow_dot.hpp>
#include <attar/backend/embedded/product.hpp>
#include <attar/backend/embedded/product_plan.hpp>
#include <attar/backend/embedded/tiling.hpp>
#include <attar/backend/embedded/winograd_plan.hpp>
#include <attar/backend/embedded/winograd_product.hpp>

namespace attar::detail {

/// How a convolution or linear layer is computed in int8. All ways give the same bits.
enum class Int8Method { tiles, narrow_tiles, depthwise, winograd_2, winograd_4 };

/// Half cycles that the multiplications of a convolution in tiles take.
template <class Dot>
[[nodiscard]] constexpr std::int64_t cost_of_tiles(const ProductShape& shape) {
  const ProductPlan<Dot> plan{shape};
  const auto groups = plan.window.rows * plan.window.columns * plan.window.groups(Dot::group);
  return static_cast<std::int64_t>(groups) * shape.out.height * shape.groups *
         tile_cost(shape.out.width, all_vectors(shape, Dot::limits), plan.blocks.vectors, Dot::limits);
}

/// The same with narrow weights. A group takes longer than one of `Int8Dot`, by so many parts of a hundred on a Zen 3.
[[nodiscard]] constexpr std::int64_t cost_of_narrow_tiles(const ProductShape& shape) {
  return with_narrow_dot(shape.weight_limit, [&]<int Groups>(NarrowDot<Groups>) {
    return cost_of_tiles<NarrowDot<Groups>>(shape) * (Groups == 1 ? 160 : 260) / 100;
  });
}

/// The same by Winograd's algorithm with squares of `Outputs`: multiplications or, where few squares share the weights,
/// what the farther caches need to bring those; and the transforms, as measured on a Zen 3.
template <int Outputs>
[[nodiscard]] constexpr std::int64_t cost_of_winograd(const ProductShape& shape) {
  using Plan = WinogradPlan<Int8Dot, Outputs>;
  constexpr TileLimits limits = Int8Dot::limits;
  constexpr std::int64_t cost_of_image = Outputs == 4 ? 230 : 70;  // Of a vector of a square.
  constexpr std::int64_t cost_of_sums = Outputs == 4 ? 140 : 30;
  constexpr std::int64_t bytes_in_time = 8;
  const Plan plan{shape};
  const auto number = [](std::size_t n) { return static_cast<std::int64_t>(n); };
  const int vectors = all_vectors(shape, limits);
  const std::int64_t products = number(plan.rows / plan.rows_at_once * Plan::points) *
                                number((plan.inputs + Plan::group - 1) / Plan::group) *
                                tile_cost(static_cast<int>(plan.squares()), vectors, plan.blocks.vectors, limits);
  const std::int64_t loads = number(plan.packed_weights() * sizeof(typename Plan::Weight)) / bytes_in_time;
  const std::int64_t transforms = number(plan.point_size / Plan::lanes) * cost_of_image + vectors * cost_of_sums;
  return std::max(products, loads) + number(plan.rows * plan.columns) * transforms;
}

/// The fastest way, by this plain model.
[[nodiscard]] constexpr Int8Method int8_method(const ProductShape& shape) {
  if (is_depthwise(shape)) return Int8Method::depthwise;
  Int8Method best = Int8Method::tiles;
  std::int64_t least = cost_of_tiles<Int8Dot>(shape);
  const auto weigh = [&](Int8Method method, std::int64_t cost) {
    if (cost >= least) return;
    best = method;
    least = cost;
  };
  if constexpr (has_narrow_dot) {
    if (narrow_groups(shape.weight_limit) > 0) weigh(Int8Method::narrow_tiles, cost_of_narrow_tiles(shape));
  }
  if (WinogradPlan<Int8Dot, 2>::computes(shape)) weigh(Int8Method::winograd_2, cost_of_winograd<2>(shape));
  if (WinogradPlan<Int8Dot, 4>::computes(shape)) weigh(Int8Method::winograd_4, cost_of_winograd<4>(shape));
  return best;
}

/// Calls `body(plan)` with the plan of a method for a shape.
template <class Body>
decltype(auto) with_int8_plan(const ProductShape& shape, const Body& body) {
  switch (int8_method(shape)) {
    case Int8Method::depthwise:
      return body(DepthwisePlan<Int8LaneDot>{shape});
    case Int8Method::winograd_2:
      return body(WinogradPlan<Int8Dot, 2>{shape});
    case Int8Method::winograd_4:
      return body(WinogradPlan<Int8Dot, 4>{shape});
    case Int8Method::narrow_tiles:
      if constexpr (has_narrow_dot) {
        return with_narrow_dot(shape.weight_limit,
                               [&]<class Dot>(Dot) -> decltype(auto) { return body(ProductPlan<Dot>{shape}); });
      }
      break;
    case Int8Method::tiles:
      break;
  }
  return body(ProductPlan<Int8Dot>{shape});
}

/// The kernel of a method for shape `S`.
template <ProductShape S, Int8Method Method>
struct Int8KernelOf {
  using Type = TiledProduct<S, Int8Dot>;
};
template <ProductShape S>
struct Int8KernelOf<S, Int8Method::narrow_tiles> {
  using Type = TiledProduct<S, NarrowDot<narrow_groups(S.weight_limit)>>;
};
template <ProductShape S>
struct Int8KernelOf<S, Int8Method::depthwise> {
  using Type = TiledDepthwise<S, Int8LaneDot>;
};
template <ProductShape S>
struct Int8KernelOf<S, Int8Method::winograd_2> {
  using Type = WinogradProduct<S, Int8Dot, 2>;
};
template <ProductShape S>
struct Int8KernelOf<S, Int8Method::winograd_4> {
  using Type = WinogradProduct<S, Int8Dot, 4>;
};
template <ProductShape S>
using Int8Kernel = typename Int8KernelOf<S, int8_method(S)>::Type;

}  // namespace attar::detail
