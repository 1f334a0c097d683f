// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstring>
#include <span>
#include <tuple>
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
    constexpr std::size_t image_size = A::input_shape.size();
    constexpr std::size_t classes = A::output_shape.size();
    for_images(batch_, threads_, context.arenas_.data(), Steps::arena_bytes, [&](std::size_t image, std::byte* arena) {
      std::memcpy(Steps::input(arena), images + image * image_size, image_size * sizeof(float));
      steps_.run(arena);
      std::memcpy(logits + image * classes, Steps::output(arena), classes * sizeof(float));
    });
  }

 private:
  static Steps checked(std::span<const float> parameters, int batch, Threads threads) {
    require_session(batch, threads, A::program.buffer_size, parameters.size());
    return make_steps(parameters);
  }

  std::size_t batch_;
  Threads threads_;
  Steps steps_;
};

}  // namespace attar::detail
