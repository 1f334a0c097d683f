// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include <attar/backend/embedded/static_program.hpp>
#include <attar/backend/embedded/static_session.hpp>
#include <attar/backend/embedded/static_step.hpp>
#include <attar/backend/inference_session.hpp>
#include <attar/backend/int8_program.hpp>
#include <attar/backend/kernels/int8.hpp>
#include <attar/backend/step_description.hpp>
#include <attar/backend/step_session.hpp>
#include <attar/core/aligned_buffer.hpp>
#include <attar/model/fuse.hpp>
#include <attar/model/int8_model.hpp>
#include <attar/model/layer_precision.hpp>

namespace attar::detail {

/// The int8 inference of architecture `A`, with the bits of `Int8Session`.
template <class A>
class EmbeddedInt8Session {
  using P = StaticProgram<A, std::int8_t>;

  static auto make_steps(const Int8Model& model) {
    const FusedProgram fused{{}, P::tables.output};
    const Int8Preparer preparer{model, fused};
    return [&]<std::size_t... I>(std::index_sequence<I...>) {
      return make_static_steps<P>(std::tuple{make_int8_step<P, I>(model, preparer)...});
    }(std::make_index_sequence<P::count>{});
  }
  using Steps = decltype(make_steps(std::declval<const Int8Model&>()));

 public:
  class Context {
    friend EmbeddedInt8Session;
    AlignedBuffer<std::byte> arenas_;
  };

  /// As that of `Int8Session`.
  EmbeddedInt8Session(const Int8Model& model, int batch, Threads threads)
      : batch_{static_cast<std::size_t>(batch)},
        threads_{std::min(threads.count, batch)},
        steps_{checked(model, batch, threads)},
        input_{LayerPrecision::int8, model.activation_scale(0), model.is_signed(0)},
        output_scale_{model.activation_scale(P::tables.output)},
        signed_output_{model.is_signed(P::tables.output)} {}

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
  [[nodiscard]] std::vector<StepDescription> steps() const { return steps_.describe("int8"); }

  void run(const float* images, float* logits, Context& context) const noexcept {
    run(images, logits, context, [](int, std::span<const std::byte>) noexcept {});
  }
  /// With a look at everything in between, image by image: as that of `Int8Session`.
  template <class Observe>
    requires std::is_invocable_v<Observe, int, std::span<const std::byte>>
  void run(const float* images, float* logits, Context& context, Observe&& observe) const
      noexcept(std::is_nothrow_invocable_v<Observe, int, std::span<const std::byte>>) {
    const auto quantize = [&](std::size_t first, std::size_t count, std::byte* to) noexcept {
      int8_quantize(images + first, count, 1.0F / input_.scale, input_.is_signed, to);
    };
    execute(quantize, logits, context, observe);
  }

  /// The same for images that `write(first, count, to)` puts to their place as `input_format()` says: all at once, or
  /// image by image.
  template <WritesImages Write>
  void run_from(Write&& write, float* logits, Context& context) const noexcept {
    execute(write, logits, context, [](int, std::span<const std::byte>) noexcept {});
  }

  /// What the images are kept as.
  [[nodiscard]] InputFormat input_format() const noexcept { return input_; }

 private:
  template <class Write, class Observe>
  void execute(Write& write, float* logits, Context& context, Observe&& observe) const
      noexcept(std::is_nothrow_invocable_v<Observe, int, std::span<const std::byte>>) {
    constexpr bool quiet = std::is_nothrow_invocable_v<Observe, int, std::span<const std::byte>>;
    constexpr std::size_t image_size = A::input_shape.size();
    constexpr std::size_t classes = A::output_shape.size();
    const auto look = [&](int value, const std::byte* bytes) noexcept(quiet) {
      const bool floats = float_output && value == P::tables.output;
      observe(value, std::span{bytes, P::shape(value).size() * (floats ? sizeof(float) : 1)});
    };
    for_images(batch_, threads_, context.arenas_.data(), Steps::arena_bytes,
               [&](std::size_t image, std::byte* arena) noexcept(quiet) {
                 write(image * image_size, image_size, Steps::input(arena));
                 steps_.run(arena, look);
                 int8_to_float(Steps::output(arena), classes, float_output, output_scale_, signed_output_,
                               logits + image * classes);
               });
  }

  static constexpr bool float_output = [] {
    for (const Op& op : P::tables.ops) {
      if (gives_floats(op, P::tables.output)) return true;
    }
    return false;
  }();

  static Steps checked(const Int8Model& model, int batch, Threads threads) {
    require_session(batch, threads, A::program.values.size(), model.activation_scales.size());
    model.validate();
    return make_steps(model);
  }

  std::size_t batch_;
  Threads threads_;
  Steps steps_;
  InputFormat input_;
  float output_scale_;
  bool signed_output_;
};

}  // namespace attar::detail
