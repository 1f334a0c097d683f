// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <attar/backend/int8_program.hpp>
#include <attar/backend/memory_plan.hpp>
#include <attar/backend/step_description.hpp>
#include <attar/core/aligned_buffer.hpp>
#include <attar/core/parallel.hpp>
#include <attar/layers/op.hpp>
#include <attar/model/fuse.hpp>
#include <attar/model/int8_model.hpp>
#include <attar/model/layer_precision.hpp>

namespace attar {

/// How many threads one inference uses, as an argument.
struct Threads {
  int count = 1;
};

/// What a session keeps its images as.
struct InputFormat {
  LayerPrecision precision = LayerPrecision::fp32;
  Int8Format int8{};  ///< Where they are int8.
};

namespace detail {

/// Puts the numbers [first, first + count) of a batch of images, whole images, to their place.
template <class Write>
concept WritesImages = std::is_nothrow_invocable_v<Write, std::size_t, std::size_t, std::byte*>;

/// Sets the number of threads of the loops of this thread while it lives.
class ThreadScope {
 public:
  explicit ThreadScope(Threads threads) noexcept : before_{thread_count()} {
    if (threads.count != before_) set_thread_count(threads.count);
  }
  ThreadScope(const ThreadScope&) = delete;
  ThreadScope& operator=(const ThreadScope&) = delete;
  ~ThreadScope() { set_thread_count(before_); }

 private:
  int before_;
};

/// What a step reads and writes in a context's arena. `residual` is null where nothing is added.
struct StepPointers {
  std::array<const std::byte*, max_operands> inputs{};
  const std::byte* residual = nullptr;
  std::byte* output = nullptr;
  std::byte* scratchpad = nullptr;
};

template <class Step>
struct StepBindings;

/// A program prepared for inference: a flat list of steps. The steps are constant after construction and shared by
/// all contexts; a context holds what one inference writes. A `Step` has
///
///     class Binding;                                   // what it needs per context
///     std::size_t scratchpad_bytes() const noexcept;
///     std::string kernel_name() const;                 // for people
///     Binding bind(const StepPointers&) const;
///     void execute(Binding&) const noexcept;
///
/// where `execute(auto&)` is best, for then a kernel that no session runs is not compiled.
///
/// All that looks into a step is defined below the class, so that a program which finds these functions compiled
/// elsewhere (see docs/compile_time.md) needs no more than the step's name.
template <class Step>
class StepSession {
 public:
  /// What one inference writes. Use it from one thread at a time, and not longer than the session lives.
  class Context {
   public:
    Context(Context&&) noexcept;
    Context& operator=(Context&&) noexcept;
    ~Context();

   private:
    friend StepSession;
    Context();

    AlignedBuffer<std::byte> arena_;
    std::unique_ptr<StepBindings<Step>> bindings_;
  };

  StepSession(FusedProgram fused, ValuePlan plan, std::vector<Step> steps, Threads threads);
  StepSession(const StepSession&) = default;
  StepSession(StepSession&&) noexcept;
  StepSession& operator=(const StepSession&) = default;
  StepSession& operator=(StepSession&&) noexcept;
  ~StepSession();

  [[nodiscard]] const FusedProgram& fused() const noexcept { return fused_; }
  [[nodiscard]] const std::vector<Step>& steps() const noexcept { return steps_; }
  /// What each step does; `shape_of(value)` and `precision_of(step)` say what the session does not know.
  template <class ShapeOf, class PrecisionOf>
  [[nodiscard]] std::vector<StepDescription> describe(ShapeOf&& shape_of, PrecisionOf&& precision_of) const {
    std::vector<StepDescription> list;
    for (std::size_t i = 0; i < fused_.ops.size(); ++i) {
      const Op& op = fused_.ops[i];
      list.push_back(describe_step(op, precision_of(i), shape_of(op.operands[0]), shape_of(op.output), kernel_name(i),
                                   gives_floats(op, fused_.output)));
    }
    return list;
  }
  /// Bytes that a context needs.
  [[nodiscard]] std::size_t context_bytes() const noexcept { return plan_.bytes + scratchpad_bytes_; }

  [[nodiscard]] Context make_context() const;

  /// Runs all steps. `write_input(std::byte*)` puts the images into the arena, `read_output(const std::byte*)` takes
  /// the result; `observe(value, const std::byte*)` is called with the input and behind every step.
  template <class Write, class Read, class Observe>
  void run(Context& context, Write&& write_input, Read&& read_output, Observe&& observe) const
      noexcept(noexcept(observe(0, context.arena_.data()))) {
    const ThreadScope scope{threads_};
    write_input(value(context, 0));
    observe(0, value(context, 0));
    for (std::size_t i = 0; i < fused_.ops.size(); ++i) {
      execute(i, context);
      observe(fused_.ops[i].output, value(context, fused_.ops[i].output));
    }
    read_output(value(context, fused_.output));
  }

 private:
  [[nodiscard]] std::string kernel_name(std::size_t step) const;
  void execute(std::size_t step, Context& context) const noexcept;
  [[nodiscard]] std::byte* value(Context& context, int number) const noexcept {
    return context.arena_.data() + plan_.offsets[static_cast<std::size_t>(number)];
  }

  FusedProgram fused_;
  ValuePlan plan_;
  std::vector<Step> steps_;
  Threads threads_;
  std::size_t scratchpad_bytes_ = 0;
};

template <class Step>
struct StepBindings {
  std::vector<typename Step::Binding> of_steps;
};

template <class Step>
StepSession<Step>::Context::Context() : bindings_{std::make_unique<StepBindings<Step>>()} {}
template <class Step>
StepSession<Step>::Context::Context(Context&&) noexcept = default;
template <class Step>
typename StepSession<Step>::Context& StepSession<Step>::Context::operator=(Context&&) noexcept = default;
template <class Step>
StepSession<Step>::Context::~Context() = default;

template <class Step>
StepSession<Step>::StepSession(FusedProgram fused, ValuePlan plan, std::vector<Step> steps, Threads threads)
    : fused_{std::move(fused)}, plan_{std::move(plan)}, steps_{std::move(steps)}, threads_{threads} {
  for (const Step& step : steps_) scratchpad_bytes_ = std::max(scratchpad_bytes_, step.scratchpad_bytes());
}
template <class Step>
StepSession<Step>::StepSession(StepSession&&) noexcept = default;
template <class Step>
StepSession<Step>& StepSession<Step>::operator=(StepSession&&) noexcept = default;
template <class Step>
StepSession<Step>::~StepSession() = default;

template <class Step>
typename StepSession<Step>::Context StepSession<Step>::make_context() const {
  Context context;
  context.arena_ = AlignedBuffer<std::byte>{context_bytes()};
  auto& bindings = context.bindings_->of_steps;
  bindings.reserve(steps_.size());
  for (std::size_t i = 0; i < steps_.size(); ++i) {
    const Op& op = fused_.ops[i];
    StepPointers pointers;
    for (std::size_t k = 0; k < static_cast<std::size_t>(op.operand_count); ++k) {
      pointers.inputs[k] = value(context, op.operands[k]);
    }
    if (op.residual >= 0) pointers.residual = value(context, op.residual);
    pointers.output = value(context, op.output);
    pointers.scratchpad = context.arena_.data() + plan_.bytes;
    bindings.push_back(steps_[i].bind(pointers));
  }
  return context;
}

template <class Step>
std::string StepSession<Step>::kernel_name(std::size_t step) const {
  return steps_[step].kernel_name();
}

template <class Step>
void StepSession<Step>::execute(std::size_t step, Context& context) const noexcept {
  steps_[step].execute(context.bindings_->of_steps[step]);
}

}  // namespace detail
}  // namespace attar
