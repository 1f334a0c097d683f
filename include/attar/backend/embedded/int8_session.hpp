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

template <class A>
using Int8Program = StaticProgram<A, std::int8_t>;

template <class A>
[[nodiscard]] auto make_int8_steps(const Int8Model& model) {
  using P = Int8Program<A>;
  const FusedProgram fused{{}, P::tables.output};
  const Int8Preparer preparer{model, fused};
  return [&]<std::size_t... I>(std::index_sequence<I...>) {
    return make_static_steps<P>(std::tuple{make_int8_step<P, I>(model, preparer)...});
  }(std::make_index_sequence<P::count>{});
}

template <class A>
using Int8StaticSession =
    StaticSession<A, Int8Program<A>, decltype(make_int8_steps<A>(std::declval<const Int8Model&>()))>;

/// The int8 inference of architecture `A`, with the bits of `Int8Session`.
template <class A>
class EmbeddedInt8Session : public Int8StaticSession<A> {
  using P = Int8Program<A>;
  using Base = Int8StaticSession<A>;

 public:
  using typename Base::Context;

  /// As that of `Int8Session`.
  EmbeddedInt8Session(const Int8Model& model, int batch, Threads threads)
      : Base{checked(model, batch, threads), batch, threads},
        input_{LayerPrecision::int8, model.activation_scale(0), model.is_signed(0)},
        output_scale_{model.activation_scale(P::tables.output)},
        signed_output_{model.is_signed(P::tables.output)} {}

  [[nodiscard]] std::vector<StepDescription> steps() const { return this->static_steps().describe("int8"); }

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
    execute_with(quantize, logits, context, observe);
  }

  /// The same for images that `write(first, count, to)` puts to their place as `input_format()` says: all at once, or
  /// image by image.
  template <WritesImages Write>
  void run_from(Write&& write, float* logits, Context& context) const noexcept {
    execute_with(write, logits, context, [](int, std::span<const std::byte>) noexcept {});
  }

  /// What the images are kept as.
  [[nodiscard]] InputFormat input_format() const noexcept { return input_; }

 private:
  template <class Write, class Observe>
  void execute_with(Write& write, float* logits, Context& context, Observe&& observe) const
      noexcept(std::is_nothrow_invocable_v<Observe, int, std::span<const std::byte>>) {
    constexpr bool quiet = std::is_nothrow_invocable_v<Observe, int, std::span<const std::byte>>;
    const auto look = [&](int value, const std::byte* bytes) noexcept(quiet) {
      const bool floats = float_output && value == P::tables.output;
      observe(value, std::span{bytes, P::shape(value).size() * (floats ? sizeof(float) : 1)});
    };
    const auto read = [&](const std::byte* result, float* to) noexcept {
      int8_to_float(result, Base::classes, float_output, output_scale_, signed_output_, to);
    };
    Base::execute(write, read, look, logits, context);
  }

  static constexpr bool float_output = [] {
    for (const Op& op : P::tables.ops) {
      if (gives_floats(op, P::tables.output)) return true;
    }
    return false;
  }();

  static auto checked(const Int8Model& model, int batch, Threads threads) {
    require_session(batch, threads, A::program.values.size(), model.activation_scales.size());
    model.validate();
    return make_int8_steps<A>(model);
  }

  InputFormat input_;
  float output_scale_;
  bool signed_output_;
};

}  // namespace attar::detail
