// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>

#include <attar/core/parallel.hpp>

namespace attar::detail {

/// The outputs of a product in blocks, each as wide as a tile of some vectors; the last may be narrower. Weights are
/// packed block by block.
struct OutputBlocks {
  int vectors;          ///< Of a full block.
  std::size_t outputs;  ///< Of a full block.
  std::size_t full;     ///< Blocks that are.
  std::size_t rest;     ///< Outputs behind them, in a block of their own.
  int rest_vectors;     ///< Of that.

  [[nodiscard]] constexpr std::size_t count() const noexcept { return full + (rest > 0 ? 1 : 0); }
  [[nodiscard]] constexpr std::size_t outputs_of(std::size_t block) const noexcept {
    return block < full ? outputs : rest;
  }
  [[nodiscard]] constexpr int vectors_of(std::size_t block) const noexcept {
    return block < full ? vectors : rest_vectors;
  }
  /// What all blocks have together of something that a block in some vectors has `of(vectors)` of.
  template <class Of>
  [[nodiscard]] constexpr std::size_t sum(const Of& of) const noexcept {
    return full * of(vectors) + (rest > 0 ? of(rest_vectors) : 0);
  }
};

/// `outputs` in blocks of `vectors` vectors of `lanes` numbers.
[[nodiscard]] constexpr OutputBlocks in_blocks(std::size_t outputs, int vectors, std::size_t lanes) noexcept {
  const std::size_t of_block = static_cast<std::size_t>(vectors) * lanes;
  const std::size_t rest = outputs % of_block;
  return {vectors, of_block, outputs / of_block, rest, static_cast<int>((rest + lanes - 1) / lanes)};
}

/// Calls `body.template operator()<Vectors, Outputs>(block)` for some blocks, each with its size.
template <OutputBlocks Blocks, class Body>
[[gnu::always_inline]] inline void for_blocks(const Range& some, const Body& body) noexcept {
  for (std::size_t block = some.begin; block < std::min(some.end, Blocks.full); ++block) {
    body.template operator()<Blocks.vectors, Blocks.outputs>(block);
  }
  if constexpr (Blocks.rest > 0) {
    if (some.begin < some.end && some.end > Blocks.full) {
      body.template operator()<Blocks.rest_vectors, Blocks.rest>(Blocks.full);
    }
  }
}

}  // namespace attar::detail
