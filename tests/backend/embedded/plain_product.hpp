// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <vector>

#include <attar/backend/embedded/tile.hpp>
#include <attar/backend/embedded/tiling.hpp>
#include <attar/core/aligned_buffer.hpp>
#include <attar/core/rng.hpp>

namespace attar::test {

/// Small whole numbers, whose products and sums are exact in every type.
template <class T>
std::vector<T> whole_numbers(std::size_t count, std::uint64_t stream) {
  Rng rng{Seed{5}, stream};
  std::vector<T> numbers(count);
  for (T& number : numbers) number = static_cast<T>(static_cast<int>(rng.below(15)) - 7);
  return numbers;
}

/// A convolution as its definition says: `image` rows x columns x channels, `weights` as PyTorch keeps them.
template <class T>
std::vector<double> plain_product(const detail::ProductShape& s, const std::vector<T>& image,
                                  const std::vector<T>& weights) {
  const Window& w = s.window;
  const int inputs = s.in.channels / s.groups;
  const int outputs = s.out.channels / s.groups;
  std::vector<double> result(s.out.size());
  for (int y = 0; y < s.out.height; ++y) {
    for (int x = 0; x < s.out.width; ++x) {
      for (int o = 0; o < s.out.channels; ++o) {
        double sum = 0;
        for (int i = 0; i < w.kernel.height; ++i) {
          for (int j = 0; j < w.kernel.width; ++j) {
            const int row = y * w.stride.height - w.padding.height + i * w.dilation.height;
            const int column = x * w.stride.width - w.padding.width + j * w.dilation.width;
            if (row < 0 || row >= s.in.height || column < 0 || column >= s.in.width) continue;
            for (int c = 0; c < inputs; ++c) {
              const int channel = o / outputs * inputs + c;
              const int tap = i * w.kernel.width + j;
              sum += static_cast<double>(
                         image[static_cast<std::size_t>((row * s.in.width + column) * s.in.channels + channel)]) *
                     static_cast<double>(
                         weights[static_cast<std::size_t>((o * inputs + c) * w.kernel.height * w.kernel.width + tap)]);
            }
          }
        }
        result[static_cast<std::size_t>((y * s.out.width + x) * s.out.channels + o)] = sum;
      }
    }
  }
  return result;
}

/// The shape of a convolution over `In`.
template <int Channels, int Height, int Width, int Outputs>
constexpr detail::ProductShape conv_shape(Window window, int groups = 1) {
  const Shape in{Channels, Height, Width};
  const Extent out = window.output(in);
  return {in, {Outputs, out.height, out.width}, window, groups};
}

/// What a product by `Product` (tiles of sums in `Dot`) gives.
template <class Product, class Dot, class T>
std::vector<double> run_product(const detail::ProductShape& s, const std::vector<T>& image,
                                const std::vector<T>& weights) {
  const auto taps = static_cast<std::size_t>(s.window.kernel.height * s.window.kernel.width);
  const Product product{[&](std::size_t output, std::size_t input, std::size_t tap) {
    return static_cast<typename Dot::Weight>(weights[(output * s.inputs() + input) * taps + tap]);
  }};
  AlignedBuffer<std::byte> scratch{Product::scratchpad_bytes()};
  std::vector<double> result(s.out.size(), -1e9);
  const auto row = static_cast<std::size_t>(s.in.width * s.in.channels);
  product.run(
      scratch.data(), typename Dot::Element{0},
      [&](std::size_t y, typename Dot::Element* to) {
        for (std::size_t i = 0; i < row; ++i) to[i] = static_cast<typename Dot::Element>(image[y * row + i]);
      },
      [](std::size_t) { return static_cast<const detail::SumNumber<Dot>*>(nullptr); },
      [&](const auto& sums, std::size_t pixel, std::size_t channel, auto count) {
        for (std::size_t c = 0; c < count(); ++c) {
          result[pixel * static_cast<std::size_t>(s.out.channels) + channel + c] =
              static_cast<double>(sums[c / Dot::lanes][static_cast<int>(c % Dot::lanes)]);
        }
      });
  return result;
}

}  // namespace attar::test
