// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <span>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include <attar/backend/embedded/static_program.hpp>
#include <attar/backend/embedded/static_session.hpp>
#include <attar/backend/embedded/static_step.hpp>
#include <attar/backend/inference_session.hpp>
#include <attar/backend/step_description.hpp>
#include <attar/backend/step_session.hpp>
#include <attar/core/aligned_buffer.hpp>

namespace attar::detail {

/// The float inference of architecture `A`, one without norms that could be folded.
template <class A>
class EmbeddedFloatSession {
  using P = StaticProgram<A, float>;

  static auto make_steps(std::span<const float> parameters) {
    return [&]<std::size_t... I>(std::index_sequence<I...>) {
      return make_static_steps<P>(std::tuple{make_float_step<P, I>(A::program, parameters)...});
    }(std::make_index_sequence<P::count>{});
  }
  using Steps = decltype(make_steps({}));

 public:
  class Context {
    friend EmbeddedFloatSession;
    AlignedBuffer<std::byte> arenas_;
  };

  /// As that of `InferenceSession`.
  EmbeddedFloatSession(std::span<const float> parameters, int batch, Threads threads)
      : batch_{static_cast<std::size_t>(batch)},
        threads_{std::min(threads.count, batch)},
        steps_{checked(parameters, batch, threads)} {}

  using Scalar = float;
  /// Numbers of one batch of images, and of its logits.
  [[nodiscard]] std::size_t input_size() const noexcept { return batch_ * A::input_shape.size(); }
  [[nodiscard]] std::size_t output_size() const noexcept { return batch_ * A::output_shape.size(); }

  [[nodiscard]] Context make_context() const {
    Context context;
    context.arenas_ = AlignedBuffer<std::byte>{context_bytes()};
    return context;
  }
  [[nodiscard]] std::size_t context_bytes() const noexcept {
    return static_cast<std::size_t>(threads_.count) * Steps::arena_bytes;
  }
  [[nodiscard]] std::vector<StepDescription> steps() const { return steps_.describe("fp32"); }

  void run(const float* images, float* logits, Context& context) const noexcept {
    run(images, logits, context, [](int, std::span<const float>) noexcept {});
  }
  /// With a look at everything in between, image by image: as that of `InferenceSession`.
  template <class Observe>
    requires std::is_invocable_v<Observe, int, std::span<const float>>
  void run(const float* images, float* logits, Context& context, Observe&& observe) const
      noexcept(std::is_nothrow_invocable_v<Observe, int, std::span<const float>>) {
    const auto copy = [&](std::size_t first, std::size_t count, std::byte* to) noexcept {
      std::memcpy(to, images + first, count * sizeof(float));
    };
    execute(copy, logits, context, observe);
  }

  /// The same for images that `write(first, count, to)` puts to their place as `input_format()` says: all at once, or
  /// image by image.
  template <WritesImages Write>
  void run_from(Write&& write, float* logits, Context& context) const noexcept {
    execute(write, logits, context, [](int, std::span<const float>) noexcept {});
  }

  /// What the images are kept as.
  [[nodiscard]] InputFormat input_format() const noexcept { return {}; }

 private:
  template <class Write, class Observe>
  void execute(Write& write, float* logits, Context& context, Observe&& observe) const
      noexcept(std::is_nothrow_invocable_v<Observe, int, std::span<const float>>) {
    constexpr bool quiet = std::is_nothrow_invocable_v<Observe, int, std::span<const float>>;
    constexpr std::size_t image_size = A::input_shape.size();
    constexpr std::size_t classes = A::output_shape.size();
    const auto look = [&](int value, const std::byte* numbers) noexcept(quiet) {
      observe(value, std::span{reinterpret_cast<const float*>(numbers), P::shape(value).size()});
    };
    for_images(batch_, threads_, context.arenas_.data(), Steps::arena_bytes,
               [&](std::size_t image, std::byte* arena) noexcept(quiet) {
                 write(image * image_size, image_size, Steps::input(arena));
                 steps_.run(arena, look);
                 std::memcpy(logits + image * classes, Steps::output(arena), classes * sizeof(float));
               });
  }

  static Steps checked(std::span<const float> parameters, int batch, Threads threads) {
    require_session(batch, threads, A::program.buffer_size, parameters.size());
    return make_steps(parameters);
  }

  std::size_t batch_;
  Threads threads_;
  Steps steps_;
};

}  // namespace attar::detail
