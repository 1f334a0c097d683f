// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
#include <vector>

#include <gtest/gtest.h>

#include <attar/backend/embedded/tile.hpp>
#include <attar/backend/embedded/tiling.hpp>
#include <attar/core/aligned_buffer.hpp>
#include <attar/core/parallel.hpp>
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

/// The same shape with weights up to `limit`.
constexpr detail::ProductShape with_limit(detail::ProductShape shape, int limit) {
  shape.weight_limit = limit;
  return shape;
}

/// Numbers as the rows of an image, which a product copies.
template <class Element, class T>
struct PlainRows {
  const std::vector<T>& image;
  void pad(Element* to, std::size_t count) const { std::fill_n(to, count, Element{}); }
  void copy(std::size_t first, std::size_t count, Element* to) const {
    for (std::size_t i = 0; i < count; ++i) to[i] = static_cast<Element>(image[first + i]);
  }
};

/// Keeps sums as they are.
struct PlainSums {
  std::size_t channels;
  std::vector<double>& result;
  template <std::size_t Count, class Sum, std::size_t Vectors>
  void put(const Sum (*sums)[Vectors], std::size_t pixels, std::size_t pixel, std::size_t channel) const {
    constexpr std::size_t lanes = sizeof(Sum) / 4;
    for (std::size_t p = 0; p < pixels; ++p) {
      for (std::size_t c = 0; c < Count; ++c) {
        result[(pixel + p) * channels + channel + c] =
            static_cast<double>(sums[p][c / lanes][static_cast<int>(c % lanes)]);
      }
    }
  }
  template <std::size_t Count, class Sum, std::size_t Vectors>
  void put_here(const Sum (*sums)[Vectors], std::size_t pixels, std::size_t pixel, std::size_t channel) const {
    put<Count>(sums, pixels, pixel, channel);
  }
};

/// What the kernel `Product` (tiles of sums in `Dot`) gives; the same in parts, which the threads of a team compute.
template <class Product, class Dot, class T>
std::vector<double> run_product(const detail::ProductShape& s, const std::vector<T>& image,
                                const std::vector<T>& weights) {
  constexpr auto plan = Product::plan;
  std::vector<typename Dot::Weight> packed(plan.packed_weights());
  plan.pack(std::span{weights}, packed.data());
  AlignedBuffer<std::byte> scratch{plan.scratchpad_bytes()};
  const auto channels = static_cast<std::size_t>(s.out.channels);
  const std::vector<detail::SumNumber<Dot>> starts(channels + Dot::lanes);
  const PlainRows<typename Dot::Element, T> rows{image};
  const auto run = [&](std::size_t team) {
    std::vector<double> result(s.out.size(), -1e9);
    for (std::size_t thread = 0; thread < team; ++thread) {
      const detail::TeamScope scope{{thread, team}};
      Product::run(packed.data(), starts.data(), rows, scratch.data(), PlainSums{channels, result});
    }
    return result;
  };
  const std::vector<double> result = run(1);
  for (const std::size_t team : {2U, 3U, 8U, 64U}) EXPECT_EQ(run(team), result) << "in a team of " << team;
  return result;
}

}  // namespace attar::test
