// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <numeric>
#include <span>
#include <type_traits>
#include <vector>

#include <attar/backend/kernels/int8.hpp>
#include <attar/backend/step_session.hpp>
#include <attar/core/aligned_buffer.hpp>
#include <attar/core/dtype.hpp>
#include <attar/core/shape.hpp>
#include <attar/data/normalization.hpp>
#include <attar/data/normalizer.hpp>
#include <attar/model/layer_precision.hpp>

namespace attar {

/// What each byte of each channel of an image becomes in the memory of a network: a table of 256 numbers per channel,
/// made by the same arithmetic that normalizes and quantizes images of floats, so that the bits are the same.
template <int Channels>
class PixelTable {
 public:
  /// Throws `Error` with `invalid_data` for a normalization that cannot be right, or `out_of_memory`.
  PixelTable(const Normalization& normalization, const InputFormat& format) : precision_{format.precision} {
    require_normalization(normalization, Channels, "normalization of pixels");
    const std::vector<float> floats = normalized(normalization);
    entries_ =
        AlignedBuffer<std::byte>{floats.size() * with_type(precision_, [](auto number) { return sizeof(number); })};
    switch (precision_) {
      case LayerPrecision::int8:
        detail::int8_quantize(floats.data(), floats.size(), format.int8, entries_.data());
        break;
      case LayerPrecision::bf16:
        for (std::size_t i = 0; i < floats.size(); ++i) detail::as<bf16>(entries_.data())[i] = bf16{floats[i]};
        break;
      case LayerPrecision::fp32:
        std::memcpy(entries_.data(), floats.data(), entries_.size());
        break;
    }
  }

  /// Writes what `count` pixels (whole ones, channel by channel) become.
  void operator()(const std::uint8_t* pixels, std::size_t count, std::byte* to) const noexcept {
    with_type(precision_, [&]<class T>(T) {
      detail::for_chunks(count / Channels, Channels, [&](std::size_t begin, std::size_t end) {
        look_up(pixels + begin * Channels, end - begin, detail::as<T>(to) + begin * Channels);
      });
    });
  }

 private:
  static constexpr std::size_t bytes = 256;

  /// Calls `body` with a number of the network's type; a byte is a byte, signed or not.
  template <class Body>
  static auto with_type(LayerPrecision precision, Body&& body) {
    switch (precision) {
      case LayerPrecision::int8:
        return body(std::uint8_t{});
      case LayerPrecision::bf16:
        return body(bf16{});
      case LayerPrecision::fp32:
        break;
    }
    return body(float{});
  }

  /// Every byte in every channel: an image of one row.
  static std::vector<float> normalized(const Normalization& normalization) {
    std::vector<std::uint8_t> image(bytes * Channels);
    for (std::size_t i = 0; i < image.size(); ++i) image[i] = static_cast<std::uint8_t>(i / Channels);
    std::vector<float> floats(image.size());
    Normalizer{Shape{Channels, 1, bytes}, normalization}(image, floats);
    return floats;
  }

  template <class T>
  void look_up(const std::uint8_t* __restrict pixels, std::size_t count, T* __restrict to) const noexcept {
    const T* table = detail::as<T>(entries_.data());
    for (std::size_t i = 0; i < count; ++i) {
      for (std::size_t c = 0; c < Channels; ++c) to[i * Channels + c] = table[pixels[i * Channels + c] * Channels + c];
    }
  }

  LayerPrecision precision_;
  AlignedBuffer<std::byte> entries_;  ///< By byte, then by channel.
};

}  // namespace attar
