// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <type_traits>

#include <attar/model/program.hpp>
#include <attar/prune/evidence.hpp>

namespace attar {

namespace detail {

/// The length of the axis along which a layer's weights meet its input: channels of a group, or features.
[[nodiscard]] constexpr int input_axis(const Program& program, const Op& op) {
  return program.parameter(op.weight).dims[1];
}

/// The number of the last operation with filters, whose filters are most often the classes; -1 without any.
[[nodiscard]] constexpr std::ptrdiff_t last_layer(const Program& program) {
  for (std::size_t i = program.ops.size(); i-- > 0;) {
    if (has_filters(program.ops[i])) return static_cast<std::ptrdiff_t>(i);
  }
  return -1;
}

/// Weights in blocks of `Size` consecutive filters.
template <int Size>
struct FilterBlocks {
  static constexpr std::size_t block = Size;

  /// Whether the weights of operation number `index` are pruned.
  [[nodiscard]] static constexpr bool prunes(const Program& program, std::size_t index) {
    return has_filters(program.ops[index]) && (Size == 1 || static_cast<std::ptrdiff_t>(index) != last_layer(program));
  }

  /// Whether each layer that is pruned consists of whole blocks.
  [[nodiscard]] static constexpr bool fits(const Program& program) {
    for (std::size_t i = 0; i < program.ops.size(); ++i) {
      if (prunes(program, i) && program.parameter(program.ops[i].weight).dims[0] % Size != 0) return false;
    }
    return true;
  }
};

}  // namespace detail

/// Each weight for itself: an option of `Weights`, and its default.
struct Single : detail::FilterBlocks<1> {};

/// `Size` consecutive output channels, at the same input channel and tap of the kernel, are kept or dropped together:
/// a vector register's worth, when weights are laid out with output channels innermost. A block's score is the sum of
/// its weights'. Outputs of each layer must divide by `Size`; the last layer, the classifier, stays dense.
template <int Size>
struct Blocks : detail::FilterBlocks<Size> {
  static_assert(Size > 0, "attar[E112]: a block has at least one weight; Blocks<16> is one vector register of floats");
};

/// At most `Kept` of each `Of` consecutive weights along the input channels (at the same filter and tap) or features
/// stay (2:4, Mishra et al., "Accelerating sparse deep neural networks", 2021): a sparsity of 1 - Kept / Of everywhere.
/// Input axes must divide by `Of`; layers with a shorter one (the first, of 1 or 3 channels, and depthwise) stay dense.
template <int Kept, int Of>
struct NofM {
  static_assert(0 < Kept && Kept < Of, "attar[E111]: NofM<2, 4> keeps 2 of 4: at least one, and fewer than all");
  static constexpr std::size_t kept = Kept;
  static constexpr std::size_t of = Of;

  [[nodiscard]] static constexpr bool prunes(const Program& program, std::size_t index) {
    return detail::has_filters(program.ops[index]) && detail::input_axis(program, program.ops[index]) >= Of;
  }

  [[nodiscard]] static constexpr bool fits(const Program& program) {
    for (std::size_t i = 0; i < program.ops.size(); ++i) {
      if (prunes(program, i) && detail::input_axis(program, program.ops[i]) % Of != 0) return false;
    }
    return true;
  }
};

namespace detail {

template <class Option>
inline constexpr bool is_n_of_m = false;
template <int Kept, int Of>
inline constexpr bool is_n_of_m<NofM<Kept, Of>> = true;
template <class Option>
inline constexpr bool is_blocks = std::is_same_v<Option, Single>;
template <int Size>
inline constexpr bool is_blocks<Blocks<Size>> = true;

template <class Option>
struct IsPruningGranularity : std::bool_constant<is_blocks<Option> || is_n_of_m<Option>> {};

}  // namespace detail
}  // namespace attar
