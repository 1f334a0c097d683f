// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
#include <utility>
#include <vector>

#include <attar/backend/embedded/static_program.hpp>
#include <attar/backend/embedded/team.hpp>
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
    if (is_product(op)) most = std::max(most, Steps::Product::scratchpad_bytes(Steps::shape_of(op, program)));
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
                                 is_product(op) ? Steps::Product::kernel_name(Steps::shape_of(op, program))
                                                : steps.kernels[other++].kernel_name(),
                                 gives_floats(op, output)));
  }
  return list;
}

/// What sessions of all precisions share: the steps of architecture `A`, and in a context what its threads write. A
/// thread computes one image at a time: an image's feature maps are still in the cache when the next layer wants them.
template <class A, class Steps>
class StaticSession {
 protected:
  using P = StaticProgram<A, typename Steps::Number>;

 public:
  class Context {
    friend StaticSession;
    TeamMemory memory_;
  };

  using Scalar = float;
  /// Numbers of one batch of images, and of its logits.
  [[nodiscard]] std::size_t input_size() const noexcept { return plan_.batch * image_size; }
  [[nodiscard]] std::size_t output_size() const noexcept { return plan_.batch * classes; }

  [[nodiscard]] Context make_context() const {
    Context context;
    context.memory_ = TeamMemory{plan_};
    return context;
  }
  [[nodiscard]] std::size_t context_bytes() const noexcept { return plan_.bytes(); }
  [[nodiscard]] std::vector<StepDescription> steps() const {
    return describe_steps(steps_, P::ops(), P::tables.output, A::program);
  }

 protected:
  static constexpr std::size_t image_size = A::input_shape.size();
  static constexpr std::size_t classes = A::output_shape.size();

  StaticSession(Steps steps, int batch, Threads threads)
      : plan_{static_cast<std::size_t>(batch), static_cast<std::size_t>(threads.count), P::tables.bytes,
              scratchpad_bytes<Steps>(P::ops(), A::program)},
        steps_{std::move(steps)} {}

  /// Runs all images: `write(first, count, to)` puts one to its place, `read(result, logits)` takes its result.
  template <class Write, class Read>
  void execute(Write& write, const Read& read, float* logits, Context& context) const noexcept {
    for_images(plan_, context.memory_, worker(write, read, logits));
  }
  /// What the thread at `place` does of that.
  template <class Write, class Read>
  void execute_at(TeamPlace place, Write& write, const Read& read, float* logits, Context& context) const noexcept {
    do_images(plan_, context.memory_, place, worker(write, read, logits));
  }
  /// The same as `execute`, and `look(value, bytes)` sees everything in between; threads do not share an image.
  template <class Write, class Read, class Look>
  void execute(Write& write, const Read& read, float* logits, Context& context, const Look& look) const
      noexcept(noexcept(look(0, static_cast<const std::byte*>(nullptr)))) {
    constexpr bool quiet = noexcept(look(0, static_cast<const std::byte*>(nullptr)));
    TeamPlan alone = plan_;
    alone.threads = plan_.teams();
    for_images(alone, context.memory_, [&](std::size_t image, const TeamMember& member) noexcept(quiet) {
      write(image * image_size, image_size, member.values + P::offset(0));
      look(0, member.values + P::offset(0));
      each_step([&]<std::size_t I>(std::integral_constant<std::size_t, I>) {
        constexpr int value = P::tables.ops[I].output;
        run_step<I>(member);
        look(value, member.values + P::offset(value));
      });
      read(member.values + P::offset(P::tables.output), logits + image * classes);
    });
  }

 private:
  template <class Write, class Read>
  [[nodiscard]] auto worker(Write& write, const Read& read, float* logits) const noexcept {
    return [this, &write, &read, logits](std::size_t image, const TeamMember& member) noexcept {
      by_first(member, [&] { write(image * image_size, image_size, member.values + P::offset(0)); });
      run_steps(member);
      by_first(member, [&] { read(member.values + P::offset(P::tables.output), logits + image * classes); });
    };
  }

  template <class Body>
  static void each_step(const Body& body) {
    [&]<std::size_t... I>(std::index_sequence<I...>) {
      (body(std::integral_constant<std::size_t, I>{}), ...);
    }(std::make_index_sequence<P::count>{});
  }

  [[gnu::noinline]] void run_steps(const TeamMember& member) const noexcept {
    each_step([&]<std::size_t I>(std::integral_constant<std::size_t, I>) {
      run_step<I>(member);
      member.wait();
    });
  }

  template <std::size_t I>
  void run_step(const TeamMember& member) const noexcept {
    constexpr const Op& op = P::tables.ops[I];
    StepPointers p;
    for (std::size_t k = 0; k < static_cast<std::size_t>(op.operand_count); ++k) {
      p.inputs[k] = member.values + P::offset(op.operands[k]);
    }
    if constexpr (op.residual >= 0) p.residual = member.values + P::offset(op.residual);
    p.output = member.values + P::offset(op.output);
    p.scratchpad = member.scratchpad;
    steps_.template execute<P, I>(p);
  }

  TeamPlan plan_;
  Steps steps_;
};

}  // namespace attar::detail
