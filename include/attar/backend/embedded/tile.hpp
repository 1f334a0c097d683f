// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <type_traits>

#include <attar/backend/embedded/tiling.hpp>
#include <attar/backend/kernels/micro_product.hpp>
#include <attar/backend/kernels/vector.hpp>
#include <attar/core/parallel.hpp>

namespace attar::detail {

/// A window over rows of elements as the compiler sees it: `rows` x `columns` parts of `part` neighbouring numbers.
struct TileWindow {
  std::size_t rows, columns, part;
  std::size_t row_step, column_step;  ///< Between parts, in elements.

  /// Groups of `size` numbers that a part is padded to.
  [[nodiscard]] constexpr std::size_t groups(std::size_t size) const { return (part + size - 1) / size; }
};

/// One vector of weights, or of numbers of an image.
template <class Dot, class Number>
[[nodiscard, gnu::always_inline]] inline typename Dot::Factor load_factor(const Number* from) noexcept {
  if constexpr (requires { Dot::widen(from); }) {
    return Dot::widen(from);
  } else {
    typename Dot::Factor result;
    std::memcpy(&result, from, sizeof(result));
    return result;
  }
}

/// What a sum is made of.
template <class Dot>
using SumNumber = std::conditional_t<std::is_same_v<typename Dot::Sum, Floats<Dot::lanes>>, float, std::int32_t>;

/// Whether sums may begin with something else than zero.
template <class Dot>
inline constexpr bool has_starts = true;
template <class Dot>
  requires requires { Dot::shift(true); }
inline constexpr bool has_starts<Dot> = Dot::shift(true) != 0 || Dot::shift(false) != 0;

/// Where windows lie in memory: one `step` behind the other,
template <class Element>
struct WindowsOfRow {
  const Element* first;
  std::size_t step;
  /// Whether the next window begins only a few numbers farther.
  [[nodiscard, gnu::always_inline]] bool close() const noexcept { return step < 8; }
  [[nodiscard, gnu::always_inline]] const Element* operator()(int pixel) const noexcept {
    return first + static_cast<std::size_t>(pixel) * step;
  }
};
/// or anywhere.
template <class Element, int Pixels>
struct WindowsAnywhere {
  const Element* of_pixels[Pixels];
  [[nodiscard, gnu::always_inline]] static constexpr bool close() noexcept { return false; }
  [[nodiscard, gnu::always_inline]] const Element* operator()(int pixel) const noexcept { return of_pixels[pixel]; }
};

/// Sums that stay in registers from the first product to the last: of `Pixels` pixels, `Vectors` vectors of outputs
/// each. Loops are unrolled, so that arrays become registers; what a caller knows when it is compiled (windows, steps)
/// is an ordinary argument, a constant once all is inlined, so that no shape has a tile of its own to compile.
template <class Dot, int Pixels, int Vectors>
struct Tile {
  using Sum = typename Dot::Sum;
  using Factor = typename Dot::Factor;
  Sum sums[Pixels][Vectors];

  /// Begins the sums of all pixels with the vectors at `start`, or with zeros where products of this kind always do.
  [[gnu::always_inline]] void begin([[maybe_unused]] const SumNumber<Dot>* start) noexcept {
#pragma GCC unroll 32
    for (int v = 0; v < Vectors; ++v) {
      Sum first{};
      if constexpr (has_starts<Dot>) std::memcpy(&first, start + v * Dot::lanes, sizeof(first));
#pragma GCC unroll 32
      for (int p = 0; p < Pixels; ++p) sums[p][v] = first;
    }
  }

  /// Adds the products of whole windows: for each part, group and vector of outputs one register of packed weights.
  /// `windows(p)` is where the window of a pixel begins.
  template <class Windows>
  [[gnu::always_inline]] void multiply(const TileWindow& window, const Windows& windows,
                                       const typename Dot::Weight* weights) noexcept {
    constexpr std::size_t size = Dot::group;
    // Else compilers load weights again for every pixel. Where no register is left for that, it is better.
    constexpr bool kept = many_registers || Pixels * Vectors + Vectors + Dot::temporaries < 16;
    for (std::size_t row = 0; row < window.rows; ++row) {
      for (std::size_t column = 0; column < window.columns; ++column) {
        std::size_t at = row * window.row_step + column * window.column_step;
        for (std::size_t i = 0; i < window.groups(size); ++i, at += size, weights += size * Vectors * Dot::lanes) {
          // Else GCC keeps the numbers that the next windows read soon again, more than there are registers.
          if (windows.close()) asm("" : "+r"(at));
          Factor right[Vectors];
#pragma GCC unroll 32
          for (int v = 0; v < Vectors; ++v) {
            Factor factor = load_factor<Dot>(weights + static_cast<std::size_t>(v) * size * Dot::lanes);
            if constexpr (kept) keep_in_register(factor);
            right[v] = factor;
          }
#pragma GCC unroll 32
          for (int p = 0; p < Pixels; ++p) {
            const Factor left = Dot::broadcast(windows(p) + at);
#pragma GCC unroll 32
            for (int v = 0; v < Vectors; ++v) sums[p][v] = Dot::add(sums[p][v], left, right[v]);
          }
        }
      }
    }
  }

  /// Adds the products of neighbouring numbers of the image with as many weights: vector by vector.
  [[gnu::always_inline]] void multiply_vectors(const typename Dot::Element* image, std::size_t pixel_step,
                                               const typename Dot::Weight* weights) noexcept {
    constexpr std::size_t size = Dot::group * Dot::lanes;
    // As above: what the next tap reads again.
    asm("" : "+r"(image));
#pragma GCC unroll 32
    for (std::size_t v = 0; v < std::size_t{Vectors}; ++v) {
      const auto right = load_factor<Dot>(weights + v * size);
#pragma GCC unroll 32
      for (std::size_t p = 0; p < std::size_t{Pixels}; ++p) {
        add(p, v, load_factor<Dot>(image + p * pixel_step + v * size), right);
      }
    }
  }

  /// The same for one pixel, whose numbers are in registers.
  [[gnu::always_inline]] void multiply_own(std::size_t pixel, const Factor (&image)[Vectors],
                                           const typename Dot::Weight* weights) noexcept {
#pragma GCC unroll 32
    for (std::size_t v = 0; v < std::size_t{Vectors}; ++v) {
      add(pixel, v, image[v], load_factor<Dot>(weights + v * Dot::group * Dot::lanes));
    }
  }

  /// The sums of one pixel lie `step` behind those of the one before.
  [[gnu::always_inline]] void store(Sum (*to)[Vectors], std::size_t step = 1) const noexcept {
#pragma GCC unroll 32
    for (std::size_t p = 0; p < std::size_t{Pixels}; ++p) {
#pragma GCC unroll 32
      for (int v = 0; v < Vectors; ++v) to[p * step][v] = sums[p][v];
    }
  }

 private:
  /// One product of vectors, of which no two are added up before: GCC would, which takes registers.
  [[gnu::always_inline]] void add(std::size_t pixel, std::size_t v, const Factor& image, const Factor& right) noexcept {
    Sum sum = Dot::add(sums[pixel][v], image, right);
    keep_in_register(sum);
    sums[pixel][v] = sum;
  }
};

/// Calls `body(size, first)` for some of the pieces of a row of `Width` pixels that is cut into pieces of at most
/// `Most`; the size is a constant.
template <std::size_t Width, std::size_t Most, class Body>
[[gnu::always_inline]] inline void for_pieces(const Range& some, const Body& body) noexcept {
  constexpr Pieces pieces = cut(Width, Most);
  for (std::size_t i = some.begin; i < std::min(some.end, pieces.count); ++i) {
    body(std::integral_constant<std::size_t, pieces.size>{}, pieces.begin(i));
  }
  if constexpr (pieces.shorter > 0) {
    for (std::size_t i = std::max(some.begin, pieces.count); i < some.end; ++i) {
      body(std::integral_constant<std::size_t, pieces.size - 1>{}, pieces.begin(i));
    }
  }
}
/// The same for all pieces.
template <std::size_t Width, std::size_t Most, class Body>
[[gnu::always_inline]] inline void for_pieces(const Body& body) noexcept {
  for_pieces<Width, Most>(Range{0, cut(Width, Most).all()}, body);
}

/// Computes some pieces (as those of `for_pieces`) of a row, `Count` channels of it in `Vectors` vectors, in tiles, and
/// hands sums on to `finish.template put<Count>(sums, pixels, pixel, channel)`, a few at once by way of memory: as fast
/// as from registers, and nothing of `finish` is compiled into a tile. `tile(size, first, to)` stores the sums of
/// `size` (a constant) pixels from `first` on.
template <class Dot, int Vectors, std::size_t Count, std::size_t Width, std::size_t Most, class Compute, class Finish>
[[gnu::always_inline]] inline void sum_row(const Range& some, std::size_t pixel, std::size_t channel,
                                           const Finish& finish, const Compute& tile) noexcept {
  using Sum = typename Dot::Sum;
  constexpr Pieces pieces = cut(Width, Most);
  constexpr std::size_t room = std::min(Width, std::max(pieces.size, 4096 / (Vectors * sizeof(Sum))));
  Sum sums[room][Vectors];
  std::size_t waiting = 0;
  for_pieces<Width, Most>(some, [&]<std::size_t Size>(std::integral_constant<std::size_t, Size> size, std::size_t first)
                                    __attribute__((always_inline)) {
                                      if constexpr (room < Width) {
                                        if (waiting + Size > room) {
                                          finish.template put<Count>(sums, waiting, pixel + first - waiting, channel);
                                          waiting = 0;
                                        }
                                      }
                                      tile(size, first, sums + waiting);
                                      waiting += Size;
                                    });
  finish.template put<Count>(sums, waiting, pixel + pieces.begin(some.end) - waiting, channel);
}

}  // namespace attar::detail
