// SPDX-License-Identifier: MIT
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>

#include <attar/backend/embedded.hpp>
#include <attar/backend/step_session.hpp>
#include <attar/data/normalization.hpp>
#include <attar/infer/engine.hpp>
#include <attar/infer/pixel_table.hpp>

namespace attar {

/// An engine that also takes images as files and cameras have them: bytes, H x W x C. Normalizing them is part of what
/// the network does with its input anyway: a table says what each byte becomes, so that no image of floats is ever
/// made. The results are those for images that were normalized before, bit by bit.
///
///     const PixelEngine engine{load<StudentInt8>("student.safetensors"), Normalization{{0.286F}, {0.353F}}};
///     auto context = engine.make_context();
///     int label = engine.classify(pixels, context);
template <class NetworkType, class Backend = Embedded, class BatchType = BatchSize<1>>
class PixelEngine : public Engine<NetworkType, Backend, BatchType> {
  using Base = Engine<NetworkType, Backend, BatchType>;

 public:
  using Base::batch;
  using Base::input_size;
  using typename Base::Context;

  /// Throws `Error` as the engine does, and with `invalid_data` for a normalization that cannot be right.
  PixelEngine(const NetworkType& network, const Normalization& normalization, Threads threads = {1})
      : Base{network, threads}, table_{normalization, this->input_format()} {}

  using Base::operator();
  /// The logits (batch x classes) of images of bytes (batch x H x W x C, `input_size` of them).
  std::span<const float> operator()(std::span<const std::uint8_t, input_size> images, Context& context) const noexcept {
    const auto write = [&](std::size_t first, std::size_t count, std::byte* to) noexcept {
      table_(images.data() + first, count, to);
    };
    return this->run_from(write, context);
  }
  /// The same for images whose number is known at run time. Throws `Error` with `invalid_argument` if it is wrong.
  template <class Images>
    requires(std::convertible_to<const Images&, std::span<const std::uint8_t>> &&
             !std::convertible_to<const Images&, std::span<const std::uint8_t, input_size>>)
  std::span<const float> operator()(const Images& images, Context& context) const {
    const std::span<const std::uint8_t> bytes = images;
    Base::template require_batch<Images>(bytes.size(), "bytes");
    return (*this)(bytes.template first<input_size>(), context);
  }

  /// The class of one image, for an engine of batch 1.
  template <class Image>
    requires(batch == 1)
  [[nodiscard]] int classify(const Image& image, Context& context) const {
    (*this)(image, context);
    return Base::label(context);
  }

 private:
  PixelTable<Base::input_shape.channels> table_;
};

template <class NetworkType>
PixelEngine(const NetworkType&, const Normalization&) -> PixelEngine<NetworkType>;
template <class NetworkType>
PixelEngine(const NetworkType&, const Normalization&, Threads) -> PixelEngine<NetworkType>;

}  // namespace attar
