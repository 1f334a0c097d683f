// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <type_traits>

#include <attar/backend/embedded/static_session.hpp>
#include <attar/backend/embedded/static_step.hpp>
#include <attar/backend/inference_session.hpp>
#include <attar/backend/int8_program.hpp>
#include <attar/backend/kernels/int8.hpp>
#include <attar/backend/step_session.hpp>
#include <attar/detail/whole_range.hpp>
#include <attar/model/int8_model.hpp>
#include <attar/model/layer_precision.hpp>

namespace attar::detail {

/// The int8 inference of architecture `A` with weights up to `WeightLimit`, with the bits of `Int8Session`.
template <class A, int WeightLimit = 127>
class EmbeddedInt8Session : public StaticSession<A, Int8Steps<WeightLimit>> {
  using Steps = Int8Steps<WeightLimit>;
  using Base = StaticSession<A, Steps>;
  using typename Base::P;

 public:
  using typename Base::Context;

  /// As that of `Int8Session`; no weight of the model is beyond the limit.
  EmbeddedInt8Session(const Int8Model& model, int batch, Threads threads)
      : Base{checked(model, batch, threads), batch, threads},
        input_{LayerPrecision::int8, model.format(0)},
        output_{model.format(P::tables.output)} {}

  void run(const float* images, float* logits, Context& context) const noexcept {
    const auto quantize = quantizer(images);
    Base::execute(quantize, reader(), logits, context);
  }
  /// With a look at everything in between, image by image: as that of `Int8Session`.
  template <class Observe>
    requires std::is_invocable_v<Observe, int, std::span<const std::byte>>
  void run(const float* images, float* logits, Context& context, Observe&& observe) const
      noexcept(std::is_nothrow_invocable_v<Observe, int, std::span<const std::byte>>) {
    constexpr bool quiet = std::is_nothrow_invocable_v<Observe, int, std::span<const std::byte>>;
    const auto quantize = quantizer(images);
    const auto look = [&](int value, const std::byte* bytes) noexcept(quiet) {
      const bool floats = float_output && value == P::tables.output;
      observe(value, std::span{bytes, P::shape(value).size() * (floats ? sizeof(float) : 1)});
    };
    Base::execute(quantize, reader(), logits, context, look);
  }

  /// The same for images that `write(first, count, to)` puts to their place as `input_format()` says: all at once, or
  /// image by image.
  template <WritesImages Write>
  void run_from(Write&& write, float* logits, Context& context) const noexcept {
    Base::execute(write, reader(), logits, context);
  }

  /// What the images are kept as.
  [[nodiscard]] InputFormat input_format() const noexcept { return input_; }

 private:
  [[nodiscard]] auto quantizer(const float* images) const noexcept {
    return [images, this](std::size_t first, std::size_t count, std::byte* to) noexcept {
      int8_quantize(images + first, count, input_.int8, to);
    };
  }
  [[nodiscard]] auto reader() const noexcept {
    return [this](const std::byte* result, float* to) noexcept {
      int8_to_float(result, Base::classes, float_output, output_, to);
    };
  }

  static constexpr bool float_output =
      detail::any_of(P::ops(), [](const Op& op) { return gives_floats(op, P::tables.output); });

  static Steps checked(Int8Model model, int batch, Threads threads) {
    require_session(batch, threads, A::program.values.size(), model.activation_scales.size());
    model.weight_limit = std::min(model.weight_limit, WeightLimit);
    model.validate();
    return {P::ops(), P::tables.output, model};
  }

  InputFormat input_;
  Int8Format output_;
};

}  // namespace attar::detail
