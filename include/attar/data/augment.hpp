// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>

#include <attar/core/rng.hpp>
#include <attar/core/shape.hpp>

namespace attar {

/// What chance decided for one image: the window that is cut out of it, whether it is mirrored, and the rectangle (rows
/// [cut_top, cut_bottom), columns [cut_left, cut_right) of the result) that is erased.
struct Placement {
  int shift_y = 0;  ///< Row 0 of the result is row `shift_y` of the image; beyond its edges lies padding.
  int shift_x = 0;
  bool flipped = false;  ///< Mirrored left to right, after the shift.
  int cut_top = 0;
  int cut_bottom = 0;
  int cut_left = 0;
  int cut_right = 0;

  friend constexpr bool operator==(const Placement&, const Placement&) = default;
};

/// How training images are varied; the default leaves them as they are. Order: crop, flip, cutout.
///
///     Augmentation{.flip = true, .crop_padding = 4, .cutout = 8}
struct Augmentation {
  /// Mirrors every second image (at random) left to right.
  bool flip = false;
  /// Pads each side by so many black pixels and cuts a window of the image's size out of it at random, as
  /// `torchvision.transforms.RandomCrop(size, padding)`. Black is byte 0 before the normalization.
  int crop_padding = 0;
  /// The side of a square around a random pixel, clipped at the edges, that becomes 0 after the normalization, which
  /// is the mean color (DeVries and Taylor, "Improved regularization of CNNs with cutout", 2017). 0: none.
  int cutout = 0;

  /// What happens to sample `index` in `epoch`: a function of the arguments alone, so that any image of a training run
  /// can be made again, in any order and on any thread.
  [[nodiscard]] Placement draw(const Shape& shape, Seed seed, std::uint64_t epoch, std::uint64_t index) const {
    // The stream of this image: 1 (for augmentation), 20 bits of epoch and 40 bits of sample.
    Rng rng{seed, (std::uint64_t{1} << 60) | (epoch << 40) | index};
    const auto below = [&](int bound) { return static_cast<int>(rng.below(static_cast<std::uint32_t>(bound))); };
    Placement placement;
    if (crop_padding > 0) {
      placement.shift_y = below(2 * crop_padding + 1) - crop_padding;
      placement.shift_x = below(2 * crop_padding + 1) - crop_padding;
    }
    if (flip) placement.flipped = below(2) == 1;
    if (cutout > 0) {
      const int top = below(shape.height) - cutout / 2;
      const int left = below(shape.width) - cutout / 2;
      placement.cut_top = std::max(top, 0);
      placement.cut_bottom = std::min(top + cutout, shape.height);
      placement.cut_left = std::max(left, 0);
      placement.cut_right = std::min(left + cutout, shape.width);
    }
    return placement;
  }

  friend constexpr bool operator==(const Augmentation&, const Augmentation&) = default;
};

}  // namespace attar
