// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstring>
#include <span>
#include <type_traits>

#include <attar/backend/embedded/static_session.hpp>
#include <attar/backend/embedded/static_step.hpp>
#include <attar/backend/inference_session.hpp>
#include <attar/backend/step_session.hpp>

namespace attar::detail {

/// The float inference of architecture `A`, one without norms that could be folded.
template <class A>
class EmbeddedFloatSession : public StaticSession<A, FloatSteps> {
  using Base = StaticSession<A, FloatSteps>;
  using typename Base::P;

 public:
  using typename Base::Context;

  /// As that of `InferenceSession`.
  EmbeddedFloatSession(std::span<const float> parameters, int batch, Threads threads)
      : Base{checked(parameters, batch, threads), batch, threads} {}

  void run(const float* images, float* logits, Context& context) const noexcept {
    const auto copy = copier(images);
    Base::execute(copy, read, logits, context);
  }
  /// With a look at everything in between, image by image: as that of `InferenceSession`.
  template <class Observe>
    requires std::is_invocable_v<Observe, int, std::span<const float>>
  void run(const float* images, float* logits, Context& context, Observe&& observe) const
      noexcept(std::is_nothrow_invocable_v<Observe, int, std::span<const float>>) {
    constexpr bool quiet = std::is_nothrow_invocable_v<Observe, int, std::span<const float>>;
    const auto copy = copier(images);
    const auto look = [&](int value, const std::byte* numbers) noexcept(quiet) {
      observe(value, std::span{reinterpret_cast<const float*>(numbers), P::shape(value).size()});
    };
    Base::execute(copy, read, logits, context, look);
  }

  /// The same for images that `write(first, count, to)` puts to their place as `input_format()` says: all at once, or
  /// image by image.
  template <WritesImages Write>
  void run_from(Write&& write, float* logits, Context& context) const noexcept {
    Base::execute(write, read, logits, context);
  }

  /// What the images are kept as.
  [[nodiscard]] InputFormat input_format() const noexcept { return {}; }

 private:
  [[nodiscard]] static auto copier(const float* images) noexcept {
    return [images](std::size_t first, std::size_t count, std::byte* to) noexcept {
      std::memcpy(to, images + first, count * sizeof(float));
    };
  }
  static void read(const std::byte* result, float* to) noexcept {
    std::memcpy(to, result, Base::classes * sizeof(float));
  }

  static FloatSteps checked(std::span<const float> parameters, int batch, Threads threads) {
    require_session(batch, threads, A::program.buffer_size, parameters.size());
    return {P::ops(), A::program, parameters};
  }
};

}  // namespace attar::detail
