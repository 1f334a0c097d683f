// SPDX-License-Identifier: MIT
#pragma once

#include <type_traits>

#include <attar/layers/op.hpp>

namespace attar {

/// The size of a window: `Kernel<3>` is 3 x 3, `Kernel<1, 3>` is one high and three wide.
template <int Height, int Width = Height>
struct Kernel {
  static_assert(Height > 0 && Width > 0, "attar[E001]: a kernel is at least 1 x 1");
  static constexpr Extent extent{Height, Width};
};

/// How far a window moves: default 1 for convolutions, the kernel's size for poolings.
template <int Height, int Width = Height>
struct Stride {
  static_assert(Height > 0 && Width > 0, "attar[E002]: a stride is at least 1; to keep the size, write Stride<1>");
  static constexpr Extent extent{Height, Width};
};

/// Zeros around the image on each side. Default for convolutions: half of the (dilated) kernel, which keeps the size
/// at stride 1 and odd kernels; default for poolings: none.
template <int Height, int Width = Height>
struct Padding {
  static_assert(Height >= 0 && Width >= 0, "attar[E003]: padding cannot be negative; crop the image instead");
  static constexpr Extent extent{Height, Width};
};

/// Distance between the taps of a kernel, default 1.
template <int Height, int Width = Height>
struct Dilation {
  static_assert(Height > 0 && Width > 0, "attar[E004]: a dilation is at least 1, which means none");
  static constexpr Extent extent{Height, Width};
};

/// Number of groups of a convolution, default 1; as many as channels makes it depthwise.
template <int Count>
struct Groups {
  static_assert(Count > 0, "attar[E005]: a convolution has at least one group");
  static constexpr int count = Count;
};

/// Adds a bias per output channel to a convolution, which has none by default because batch normalization follows.
struct Bias {};

/// Takes the bias from a linear layer, which has one by default.
struct NoBias {};

/// A ratio written in a type: `Rate<1, 2>` is a half.
template <int Numerator, int Denominator = 1>
struct Rate {
  static_assert(Denominator > 0 && Numerator >= 0 && Numerator < Denominator,
                "attar[E006]: a dropout rate is at least 0 and less than 1");
  static constexpr double value = static_cast<double>(Numerator) / Denominator;
};

namespace detail {

template <class Option>
inline constexpr bool is_kernel = false;
template <int H, int W>
inline constexpr bool is_kernel<Kernel<H, W>> = true;
template <class Option>
inline constexpr bool is_stride = false;
template <int H, int W>
inline constexpr bool is_stride<Stride<H, W>> = true;
template <class Option>
inline constexpr bool is_padding = false;
template <int H, int W>
inline constexpr bool is_padding<Padding<H, W>> = true;
template <class Option>
inline constexpr bool is_dilation = false;
template <int H, int W>
inline constexpr bool is_dilation<Dilation<H, W>> = true;
template <class Option>
inline constexpr bool is_groups = false;
template <int Count>
inline constexpr bool is_groups<Groups<Count>> = true;
template <class Option>
inline constexpr bool is_window_option =
    is_kernel<Option> || is_stride<Option> || is_padding<Option> || is_dilation<Option>;

/// The window that a list of options describes. `pooling` decides the defaults of stride and padding.
template <class... Options>
constexpr Window window_of(Extent default_kernel, bool pooling) noexcept {
  Extent kernel = default_kernel;
  Extent stride{0, 0};
  Extent padding{-1, -1};
  Extent dilation{};
  [[maybe_unused]] const auto read = [&]<class Option>(std::type_identity<Option>) {
    if constexpr (is_kernel<Option>) kernel = Option::extent;
    if constexpr (is_stride<Option>) stride = Option::extent;
    if constexpr (is_padding<Option>) padding = Option::extent;
    if constexpr (is_dilation<Option>) dilation = Option::extent;
  };
  (read(std::type_identity<Options>{}), ...);
  if (stride.height == 0) stride = pooling ? kernel : Extent{};
  if (padding.height < 0) {
    padding = pooling ? Extent{0, 0}
                      : Extent{dilation.height * (kernel.height - 1) / 2, dilation.width * (kernel.width - 1) / 2};
  }
  return {kernel, stride, padding, dilation};
}

template <class... Options>
constexpr int groups_of() noexcept {
  int groups = 1;
  [[maybe_unused]] const auto read = [&]<class Option>(std::type_identity<Option>) {
    if constexpr (is_groups<Option>) groups = Option::count;
  };
  (read(std::type_identity<Options>{}), ...);
  return groups;
}

}  // namespace detail
}  // namespace attar
