// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>

namespace attar {

/// How many different weights a tensor may keep: two to that power. 5 bits lost nothing for convolutions and linear
/// layers in Deep Compression (Han et al., ICLR 2016); with 4 the file gets smaller, and fine-tuning matters more.
template <int Number>
struct Bits {
  static_assert(Number >= 1 && Number <= 8, "attar[E119]: a codebook's numbers have 1 to 8 bits");
  static constexpr std::size_t clusters = std::size_t{1} << Number;
};

/// The same for linear layers alone, which bear shorter codes than convolutions.
template <int Number>
struct LinearBits : Bits<Number> {};

namespace detail {

template <class Option>
inline constexpr std::size_t conv_clusters = 0;
template <int Number>
inline constexpr std::size_t conv_clusters<attar::Bits<Number>> = attar::Bits<Number>::clusters;
template <class Option>
inline constexpr std::size_t linear_clusters = 0;
template <int Number>
inline constexpr std::size_t linear_clusters<LinearBits<Number>> = LinearBits<Number>::clusters;

/// Of each kind at most one, and nothing else.
template <class... Options>
inline constexpr bool is_codebook_options =
    ((conv_clusters<Options> + linear_clusters<Options> > 0) && ...) &&
    (0 + ... + int{conv_clusters<Options> > 0}) <= 1 && (0 + ... + int{linear_clusters<Options> > 0}) <= 1;

}  // namespace detail

/// The policy of `cluster`: `Codebook<Bits<5>>`, the default, or `Codebook<Bits<5>, LinearBits<4>>`.
template <class... Options>
struct Codebook {
  static_assert(detail::is_codebook_options<Options...>,
                "attar[E120]: Codebook takes Bits and LinearBits, each at most once");

  /// The most different weights of a convolution's tensor.
  static constexpr std::size_t clusters =
      (0 + ... + detail::conv_clusters<Options>) == 0 ? Bits<5>::clusters : (0 + ... + detail::conv_clusters<Options>);
  /// The most of a linear layer's: as many unless `LinearBits` says otherwise.
  static constexpr std::size_t clusters_of_linear =
      (0 + ... + detail::linear_clusters<Options>) == 0 ? clusters : (0 + ... + detail::linear_clusters<Options>);
};

namespace detail {

template <class Policy>
inline constexpr bool is_codebook = false;
template <class... Options>
inline constexpr bool is_codebook<Codebook<Options...>> = true;

}  // namespace detail
}  // namespace attar
