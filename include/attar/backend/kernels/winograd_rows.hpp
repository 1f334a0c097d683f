// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>

#include <attar/backend/kernels/micro_product.hpp>
#include <attar/backend/kernels/vector.hpp>
#include <attar/backend/kernels/winograd.hpp>
#include <attar/core/aligned_buffer.hpp>
#include <attar/core/shape.hpp>
#include <attar/layers/op.hpp>

namespace attar::detail {

/// A batch of NHWC maps as rows of Winograd tiles: 4 x 4 pixels of `in` for 2 x 2 of `out`. Whole rows form blocks that
/// stay in the cache while they are transformed, multiplied and transformed back.
///
/// Transformed blocks are points x `block_tiles()` x channels, the points `point_stride(channels)` apart.
template <class Storage>
class WinogradRows {
 public:
  WinogradRows(int batch, const Shape& in, const Shape& out, Extent padding)
      : in_{in},
        out_{out},
        padding_{padding},
        rows_{static_cast<std::size_t>(out.height + 1) / 2},
        columns_{static_cast<std::size_t>(out.width + 1) / 2},
        all_rows_{static_cast<std::size_t>(batch) * rows_} {
    const std::size_t floats_per_row = columns_ * winograd::points * (in_channels() + out_channels());
    block_rows_ = std::clamp<std::size_t>(cache_floats / floats_per_row, 1, std::max<std::size_t>(1, 64 / columns_));
    block_tiles_ = (block_rows_ * columns_ + micro_rows - 1) / micro_rows * micro_rows;
    zeros_ =
        AlignedBuffer<Storage>{static_cast<std::size_t>(std::max(in.width * in.channels, out.width * out.channels))};
  }

  [[nodiscard]] std::size_t in_channels() const noexcept { return static_cast<std::size_t>(in_.channels); }
  [[nodiscard]] std::size_t out_channels() const noexcept { return static_cast<std::size_t>(out_.channels); }
  [[nodiscard]] std::size_t blocks() const noexcept { return (all_rows_ + block_rows_ - 1) / block_rows_; }
  /// Room for tiles in a block, a multiple of `micro_rows`.
  [[nodiscard]] std::size_t block_tiles() const noexcept { return block_tiles_; }
  /// From one point of a transformed block to the next. A cache line more than the numbers in between: the points of a
  /// tile, which are written together, would otherwise compete for one set of the cache.
  [[nodiscard]] std::size_t point_stride(std::size_t channels) const noexcept {
    return block_tiles_ * channels + buffer_alignment / sizeof(float);
  }

  /// Writes Bt d B of the tiles of a block and returns their number.
  std::size_t transform_input(std::size_t block, const Storage* maps, float* to) const noexcept {
    return for_rows(block, [&](std::size_t image, int row, std::size_t tile) {
      const auto lines = lines_of<4>(in_, maps + image * in_.size(), 2 * row - padding_.height, zeros_.data());
      transform_input_row(lines, to + tile * in_channels());
    });
  }

  /// Writes A dY At of the tiles of a block and returns their number.
  std::size_t transform_output_gradient(std::size_t block, const Storage* maps, float* to) const noexcept {
    return for_rows(block, [&](std::size_t image, int row, std::size_t tile) {
      const auto lines = lines_of<2>(out_, maps + image * out_.size(), 2 * row, zeros_.data());
      transform_gradient_row(lines, to + tile * out_channels());
    });
  }

  /// Writes At m A of the products of a block to the maps, or adds it to them.
  void transform_output(std::size_t block, const float* products, Storage* maps, bool accumulate) const noexcept {
    for_rows(block, [&](std::size_t image, int row, std::size_t tile) {
      const auto lines = lines_of<2>(out_, maps + image * out_.size(), 2 * row, static_cast<Storage*>(nullptr));
      transform_output_row(products + tile * out_channels(), lines, accumulate);
    });
  }

 private:
  /// What a block may take of the cache of a core.
  static constexpr std::size_t cache_floats = 128 * 1024;
  static constexpr Lanes<native_lanes> lanes{};
  using Vector = Floats<native_lanes>;

  /// Calls `body(image, row of tiles in it, first tile of that row in the block)`; returns the number of tiles.
  template <class Body>
  std::size_t for_rows(std::size_t block, Body&& body) const noexcept {
    const std::size_t first = block * block_rows_;
    const std::size_t last = std::min(first + block_rows_, all_rows_);
    for (std::size_t row = first; row < last; ++row) {
      body(row / rows_, static_cast<int>(row % rows_), (row - first) * columns_);
    }
    return (last - first) * columns_;
  }

  /// Pointers to `Count` lines of pixels of a map; `outside` for those beyond it.
  template <std::size_t Count, class Pixel>
  static std::array<Pixel*, Count> lines_of(const Shape& shape, Pixel* map, int top, Pixel* outside) noexcept {
    std::array<Pixel*, Count> lines;
    for (std::size_t i = 0; i < Count; ++i) {
      const int y = top + static_cast<int>(i);
      const bool inside = y >= 0 && y < shape.height;
      lines[i] = inside ? map + static_cast<std::ptrdiff_t>(y) * shape.width * shape.channels : outside;
    }
    return lines;
  }

  [[gnu::flatten]] void transform_input_row(const std::array<const Storage*, 4>& lines, float* to) const noexcept {
    const std::size_t channels = in_channels();
    const std::size_t stride = point_stride(channels);
    for (std::size_t c = 0; c < channels; c += native_lanes) {
      using Column = std::array<Vector, 4>;
      const auto column = [&](int x) -> Column {
        if (x < 0 || x >= in_.width) return Column{};
        const std::size_t at = static_cast<std::size_t>(x) * channels + c;
        return winograd::input_line(Column{load(lines[0] + at, lanes), load(lines[1] + at, lanes),
                                           load(lines[2] + at, lanes), load(lines[3] + at, lanes)});
      };
      int x = -padding_.width;
      Column a = column(x);
      Column b = column(x + 1);
      for (std::size_t tile = 0; tile < columns_; ++tile, x += 2) {
        const Column left = a;
        const Column middle = b;
        a = column(x + 2);
        b = column(x + 3);
        for (std::size_t y = 0; y < 4; ++y) {
          const Column result = winograd::input_line(Column{left[y], middle[y], a[y], b[y]});
          for (std::size_t i = 0; i < 4; ++i) store(to + (4 * y + i) * stride + tile * channels + c, result[i], lanes);
        }
      }
    }
  }

  [[gnu::flatten]] void transform_gradient_row(const std::array<const Storage*, 2>& lines, float* to) const noexcept {
    const std::size_t channels = out_channels();
    const std::size_t stride = point_stride(channels);
    for (std::size_t c = 0; c < channels; c += native_lanes) {
      for (std::size_t tile = 0; tile < columns_; ++tile) {
        const std::size_t at = 2 * tile * channels + c;
        const bool whole = 2 * tile + 1 < static_cast<std::size_t>(out_.width);
        winograd::Tile<Vector, 2, 2> gradient{};
        for (std::size_t y = 0; y < 2; ++y) {
          gradient[y][0] = load(lines[y] + at, lanes);
          if (whole) gradient[y][1] = load(lines[y] + at + channels, lanes);
        }
        const auto result = winograd::transform_output_gradient(gradient);
        for (std::size_t i = 0; i < winograd::points; ++i) {
          store(to + i * stride + tile * channels + c, result[i / 4][i % 4], lanes);
        }
      }
    }
  }

  [[gnu::flatten]] void transform_output_row(const float* products, const std::array<Storage*, 2>& lines,
                                             bool accumulate) const noexcept {
    const std::size_t channels = out_channels();
    const std::size_t stride = point_stride(channels);
    for (std::size_t c = 0; c < channels; c += native_lanes) {
      for (std::size_t tile = 0; tile < columns_; ++tile) {
        winograd::Tile<Vector, 4, 4> points;
        for (std::size_t i = 0; i < winograd::points; ++i) {
          points[i / 4][i % 4] = load(products + i * stride + tile * channels + c, lanes);
        }
        const auto result = winograd::transform_output(points);
        const std::size_t at = 2 * tile * channels + c;
        const bool whole = 2 * tile + 1 < static_cast<std::size_t>(out_.width);
        for (std::size_t y = 0; y < 2; ++y) {
          if (lines[y] == nullptr) continue;
          put(lines[y] + at, result[y][0], accumulate, lanes);
          if (whole) put(lines[y] + at + channels, result[y][1], accumulate, lanes);
        }
      }
    }
  }

  Shape in_, out_;
  Extent padding_;
  std::size_t rows_, columns_, all_rows_;  ///< Rows of tiles of a map, tiles of a row, rows of the batch.
  std::size_t block_rows_ = 1;
  std::size_t block_tiles_ = 0;
  AlignedBuffer<Storage> zeros_;  ///< A line of padding.
};

}  // namespace attar::detail
