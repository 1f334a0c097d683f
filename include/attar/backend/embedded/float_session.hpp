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

template <class A>
using FloatProgram = StaticProgram<A, float>;

template <class A>
[[nodiscard]] auto make_float_steps(std::span<const float> parameters) {
  using P = FloatProgram<A>;
  return [&]<std::size_t... I>(std::index_sequence<I...>) {
    return make_static_steps<P>(std::tuple{make_float_step<P, I>(A::program, parameters)...});
  }(std::make_index_sequence<P::count>{});
}

template <class A>
using FloatStaticSession = StaticSession<A, FloatProgram<A>, decltype(make_float_steps<A>({}))>;

/// The float inference of architecture `A`, one without norms that could be folded.
template <class A>
class EmbeddedFloatSession : public FloatStaticSession<A> {
  using P = FloatProgram<A>;
  using Base = FloatStaticSession<A>;

 public:
  using typename Base::Context;

  /// As that of `InferenceSession`.
  EmbeddedFloatSession(std::span<const float> parameters, int batch, Threads threads)
      : Base{checked(parameters, batch, threads), batch, threads} {}

  [[nodiscard]] std::vector<StepDescription> steps() const { return this->static_steps().describe("fp32"); }

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
    execute_with(copy, logits, context, observe);
  }

  /// The same for images that `write(first, count, to)` puts to their place as `input_format()` says: all at once, or
  /// image by image.
  template <WritesImages Write>
  void run_from(Write&& write, float* logits, Context& context) const noexcept {
    execute_with(write, logits, context, [](int, std::span<const float>) noexcept {});
  }

  /// What the images are kept as.
  [[nodiscard]] InputFormat input_format() const noexcept { return {}; }

 private:
  template <class Write, class Observe>
  void execute_with(Write& write, float* logits, Context& context, Observe&& observe) const
      noexcept(std::is_nothrow_invocable_v<Observe, int, std::span<const float>>) {
    constexpr bool quiet = std::is_nothrow_invocable_v<Observe, int, std::span<const float>>;
    const auto look = [&](int value, const std::byte* numbers) noexcept(quiet) {
      observe(value, std::span{reinterpret_cast<const float*>(numbers), P::shape(value).size()});
    };
    const auto read = [](const std::byte* result, float* to) noexcept {
      std::memcpy(to, result, Base::classes * sizeof(float));
    };
    Base::execute(write, read, look, logits, context);
  }

  static auto checked(std::span<const float> parameters, int batch, Threads threads) {
    require_session(batch, threads, A::program.buffer_size, parameters.size());
    return make_float_steps<A>(parameters);
  }
};

}  // namespace attar::detail
