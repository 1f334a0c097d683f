// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include <attar/backend/int8_program.hpp>
#include <attar/backend/step_description.hpp>
#include <attar/backend/step_session.hpp>
#include <attar/core/aligned_buffer.hpp>
#include <attar/core/parallel.hpp>

namespace attar::detail {

/// The steps of an inference, `Steps` in the order of a `StaticProgram` `P`, one image at a time: an image's feature
/// maps are still in the cache when the next layer wants them, and threads that share a batch never wait for each
/// other.
template <class P, class Indices, class... Steps>
class StaticSteps;

template <class P, std::size_t... I, class... Steps>
class StaticSteps<P, std::index_sequence<I...>, Steps...> {
 public:
  explicit StaticSteps(Steps... steps) : steps_{std::move(steps)...} {}

  /// Bytes that one thread writes.
  static constexpr std::size_t arena_bytes = [] {
    const std::size_t scratchpad = std::max({std::size_t{0}, Steps::scratchpad_bytes()...});
    return P::tables.bytes + (scratchpad + buffer_alignment - 1) / buffer_alignment * buffer_alignment;
  }();

  /// The numbers of the network's input and output in an arena.
  [[nodiscard]] static std::byte* input(std::byte* arena) noexcept { return arena + P::offset(0); }
  [[nodiscard]] static const std::byte* output(const std::byte* arena) noexcept {
    return arena + P::offset(P::tables.output);
  }

  /// Runs all steps on an arena that holds the input. `observe(value, const std::byte*)` is called with the input and
  /// behind every step.
  template <class Observe>
  void run(std::byte* arena, Observe&& observe) const noexcept(noexcept(observe(0, arena))) {
    observe(0, input(arena));
    const auto step = [&]<std::size_t Index>(std::integral_constant<std::size_t, Index>) {
      constexpr int value = P::tables.ops[Index].output;
      std::get<Index>(steps_).execute(pointers<Index>(arena));
      observe(value, static_cast<const std::byte*>(arena + P::offset(value)));
    };
    (step(std::integral_constant<std::size_t, I>{}), ...);
  }

  [[nodiscard]] std::vector<StepDescription> describe(const std::string& precision) const {
    return {describe_step(P::tables.ops[I], precision, P::shape(P::tables.ops[I].operands[0]),
                          P::shape(P::tables.ops[I].output), std::get<I>(steps_).kernel_name(),
                          gives_floats(P::tables.ops[I], P::tables.output))...};
  }

 private:
  template <std::size_t Index>
  [[nodiscard]] static StepPointers pointers(std::byte* arena) noexcept {
    constexpr const Op& op = P::tables.ops[Index];
    StepPointers result;
    for (std::size_t k = 0; k < static_cast<std::size_t>(op.operand_count); ++k) {
      result.inputs[k] = arena + P::offset(op.operands[k]);
    }
    if constexpr (op.residual >= 0) result.residual = arena + P::offset(op.residual);
    result.output = arena + P::offset(op.output);
    result.scratchpad = arena + P::tables.bytes;
    return result;
  }

  std::tuple<Steps...> steps_;
};

template <class P, class... Steps>
[[nodiscard]] auto make_static_steps(std::tuple<Steps...>&& steps) {
  return std::apply(
      [](Steps&... each) { return StaticSteps<P, std::index_sequence_for<Steps...>, Steps...>{std::move(each)...}; },
      steps);
}

/// Calls `body(image, arena)` for all images of a batch, on `threads` threads, each with `arena_bytes` of `arenas`.
template <class Body>
void for_images(std::size_t batch, Threads threads, std::byte* arenas, std::size_t arena_bytes,
                Body&& body) noexcept(noexcept(body(std::size_t{0}, arenas))) {
  const auto some = [&](std::size_t begin, std::size_t end, std::size_t thread) {
    [[maybe_unused]] const SerialScope alone{};
    for (std::size_t image = begin; image < end; ++image) body(image, arenas + thread * arena_bytes);
  };
  if (threads.count == 1) return some(0, batch, 0);
  const ThreadScope scope{threads};
  parallel_ranges(batch, some);
}

/// What sessions of all precisions share: the steps of architecture `A`, and an arena for each thread in a context.
template <class A, class P, class Steps>
class StaticSession {
 public:
  class Context {
    friend StaticSession;
    AlignedBuffer<std::byte> arenas_;
  };

  using Scalar = float;
  /// Numbers of one batch of images, and of its logits.
  [[nodiscard]] std::size_t input_size() const noexcept { return batch_ * image_size; }
  [[nodiscard]] std::size_t output_size() const noexcept { return batch_ * classes; }

  [[nodiscard]] Context make_context() const {
    Context context;
    context.arenas_ = AlignedBuffer<std::byte>{context_bytes()};
    return context;
  }
  [[nodiscard]] std::size_t context_bytes() const noexcept {
    return static_cast<std::size_t>(threads_.count) * Steps::arena_bytes;
  }

 protected:
  static constexpr std::size_t image_size = A::input_shape.size();
  static constexpr std::size_t classes = A::output_shape.size();

  StaticSession(Steps steps, int batch, Threads threads)
      : batch_{static_cast<std::size_t>(batch)}, threads_{std::min(threads.count, batch)}, steps_{std::move(steps)} {}

  [[nodiscard]] const Steps& static_steps() const noexcept { return steps_; }

  /// Runs all images: `write(first, count, to)` puts one into the arena, `read(result, logits)` takes its result,
  /// `look(value, bytes)` sees everything in between.
  template <class Write, class Read, class Look>
  void execute(Write& write, Read&& read, Look&& look, float* logits, Context& context) const
      noexcept(noexcept(look(0, context.arenas_.data()))) {
    constexpr bool quiet = noexcept(look(0, context.arenas_.data()));
    for_images(batch_, threads_, context.arenas_.data(), Steps::arena_bytes,
               [&](std::size_t image, std::byte* arena) noexcept(quiet) {
                 write(image * image_size, image_size, Steps::input(arena));
                 steps_.run(arena, look);
                 read(Steps::output(arena), logits + image * classes);
               });
  }

 private:
  std::size_t batch_;
  Threads threads_;
  Steps steps_;
};

}  // namespace attar::detail
