// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
#include <utility>
#include <vector>

#include <attar/backend/embedded/static_program.hpp>
#include <attar/backend/int8_program.hpp>
#include <attar/backend/step_description.hpp>
#include <attar/backend/step_session.hpp>
#include <attar/core/aligned_buffer.hpp>
#include <attar/core/parallel.hpp>
#include <attar/layers/op.hpp>
#include <attar/model/program.hpp>

namespace attar::detail {

/// Bytes of the largest scratchpad that a product of `Steps` needs, as a part of an arena.
template <class Steps>
[[nodiscard]] std::size_t scratchpad_bytes(std::span<const Op> ops, const Program& program) {
  std::size_t most = 0;
  for (const Op& op : ops) {
    if (is_product(op)) most = std::max(most, Steps::Product::scratchpad_bytes(shape_of_product(op, program)));
  }
  return (most + buffer_alignment - 1) / buffer_alignment * buffer_alignment;
}

/// What `Steps` does for the fused operations of a program.
template <class Steps>
[[nodiscard]] std::vector<StepDescription> describe_steps(const Steps& steps, std::span<const Op> ops, int output,
                                                          const Program& program) {
  std::vector<StepDescription> list;
  std::size_t other = 0;
  for (const Op& op : ops) {
    list.push_back(describe_step(op, Steps::precision, program.shape(op.operands[0]), program.shape(op.output),
                                 is_product(op) ? Steps::Product::kernel_name(shape_of_product(op, program))
                                                : steps.kernels[other++].kernel_name(),
                                 gives_floats(op, output)));
  }
  return list;
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

/// What sessions of all precisions share: the steps of architecture `A`, and an arena for each thread in a context. One
/// image at a time: an image's feature maps are still in the cache when the next layer wants them, and threads that
/// share a batch never wait for each other.
template <class A, class Steps>
class StaticSession {
 protected:
  using P = StaticProgram<A, typename Steps::Number>;

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
    return static_cast<std::size_t>(threads_.count) * arena_bytes_;
  }
  [[nodiscard]] std::vector<StepDescription> steps() const {
    return describe_steps(steps_, P::ops(), P::tables.output, A::program);
  }

 protected:
  static constexpr std::size_t image_size = A::input_shape.size();
  static constexpr std::size_t classes = A::output_shape.size();

  StaticSession(Steps steps, int batch, Threads threads)
      : batch_{static_cast<std::size_t>(batch)},
        threads_{std::min(threads.count, batch)},
        arena_bytes_{P::tables.bytes + scratchpad_bytes<Steps>(P::ops(), A::program)},
        steps_{std::move(steps)} {}

  /// Runs all images: `write(first, count, to)` puts one into the arena, `read(result, logits)` takes its result.
  template <class Write, class Read>
  void execute(Write& write, const Read& read, float* logits, Context& context) const noexcept {
    execute_by([this](std::byte* arena) noexcept { run_steps(arena); }, write, read, logits, context);
  }
  /// The same, and `look(value, bytes)` sees everything in between.
  template <class Write, class Read, class Look>
  void execute(Write& write, const Read& read, float* logits, Context& context, const Look& look) const
      noexcept(noexcept(look(0, context.arenas_.data()))) {
    constexpr bool quiet = noexcept(look(0, context.arenas_.data()));
    const auto observed = [&](std::byte* arena) noexcept(quiet) {
      look(0, arena + P::offset(0));
      each_step([&]<std::size_t I>(std::integral_constant<std::size_t, I>) {
        constexpr int value = P::tables.ops[I].output;
        run_step<I>(arena);
        look(value, arena + P::offset(value));
      });
    };
    execute_by(observed, write, read, logits, context);
  }

 private:
  template <class Run, class Write, class Read>
  void execute_by(const Run& run, Write& write, const Read& read, float* logits, Context& context) const
      noexcept(noexcept(run(context.arenas_.data()))) {
    for_images(batch_, threads_, context.arenas_.data(), arena_bytes_,
               [&](std::size_t image, std::byte* arena) noexcept(noexcept(run(arena))) {
                 write(image * image_size, image_size, arena + P::offset(0));
                 run(arena);
                 read(arena + P::offset(P::tables.output), logits + image * classes);
               });
  }

  template <class Body>
  static void each_step(const Body& body) {
    [&]<std::size_t... I>(std::index_sequence<I...>) {
      (body(std::integral_constant<std::size_t, I>{}), ...);
    }(std::make_index_sequence<P::count>{});
  }

  [[gnu::noinline]] void run_steps(std::byte* arena) const noexcept {
    each_step([&]<std::size_t I>(std::integral_constant<std::size_t, I>) { run_step<I>(arena); });
  }

  template <std::size_t I>
  void run_step(std::byte* arena) const noexcept {
    constexpr const Op& op = P::tables.ops[I];
    StepPointers p;
    for (std::size_t k = 0; k < static_cast<std::size_t>(op.operand_count); ++k) {
      p.inputs[k] = arena + P::offset(op.operands[k]);
    }
    if constexpr (op.residual >= 0) p.residual = arena + P::offset(op.residual);
    p.output = arena + P::offset(op.output);
    p.scratchpad = arena + P::tables.bytes;
    steps_.template execute<P, I>(p);
  }

  std::size_t batch_;
  Threads threads_;
  std::size_t arena_bytes_;
  Steps steps_;
};

}  // namespace attar::detail
