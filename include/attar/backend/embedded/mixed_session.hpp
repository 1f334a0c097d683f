// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <attar/backend/embedded/static_program.hpp>
#include <attar/backend/embedded/static_session.hpp>
#include <attar/backend/embedded/static_step.hpp>
#include <attar/backend/embedded/team.hpp>
#include <attar/backend/inference_session.hpp>
#include <attar/backend/int8_program.hpp>
#include <attar/backend/kernels/convert_step.hpp>
#include <attar/backend/memory_plan.hpp>
#include <attar/backend/mixed_program.hpp>
#include <attar/backend/step_description.hpp>
#include <attar/backend/step_session.hpp>
#include <attar/core/aligned_buffer.hpp>
#include <attar/core/error.hpp>
#include <attar/detail/whole_range.hpp>
#include <attar/layers/op.hpp>
#include <attar/model/layer_precision.hpp>
#include <attar/model/mixed_model.hpp>
#include <attar/model/program.hpp>

namespace attar::detail {

/// The inference of architecture `A` with a precision for each layer, as `MixedSession`: the same conversions between
/// the same kernels as those of `EmbeddedInt8Session` and `EmbeddedFloatSession`. Shapes are the compiler's, precisions
/// those of the model: every step has a kernel for either, and its constants. Weights of int8 layers are up to
/// `WeightLimit`.
template <class A, int WeightLimit = 127>
class EmbeddedMixedSession {
  using P = StaticProgram<A, float>;

 public:
  class Context {
    friend EmbeddedMixedSession;
    TeamMemory memory_;
  };

  using Scalar = float;

  /// As that of `MixedSession`; there is no bf16.
  EmbeddedMixedSession(const MixedModel& model, int batch, Threads threads)
      : mixed_{checked(model, batch, threads)},
        values_{plan(mixed_)},
        plan_{static_cast<std::size_t>(batch), static_cast<std::size_t>(threads.count), values_.bytes,
              std::max(scratchpad_bytes<Int8Steps<WeightLimit>>(P::ops(), A::program),
                       scratchpad_bytes<FloatSteps>(P::ops(), A::program))},
        kernels_{{P::ops(), P::tables.output, model.int8}, {P::ops(), A::program, model.parameters}},
        input_{mixed_.input(model.int8)},
        output_{mixed_.output(model.int8)} {
    std::size_t at = 0;  // Of the architecture's operations; conversions are none of them.
    for (std::size_t i = 0; i < mixed_.fused.ops.size(); ++i) {
      steps_.push_back(mixed_.converts[i] ? Step{nullptr, 0, mixed_.conversion(i, model.int8)}
                                          : Step{runs[is_int8(i) ? 0 : 1][at], at, {}});
      if (!mixed_.converts[i]) ++at;
    }
  }

  /// Numbers of one batch of images, and of its logits.
  [[nodiscard]] std::size_t input_size() const noexcept { return plan_.batch * image_size; }
  [[nodiscard]] std::size_t output_size() const noexcept { return plan_.batch * classes; }
  [[nodiscard]] std::size_t context_bytes() const noexcept { return plan_.bytes(); }
  /// What the numbers of a value are kept as.
  [[nodiscard]] LayerPrecision format(int value) const noexcept { return mixed_.format(value); }

  [[nodiscard]] Context make_context() const {
    Context context;
    context.memory_ = TeamMemory{plan_};
    return context;
  }

  [[nodiscard]] std::vector<StepDescription> steps() const {
    std::vector<StepDescription> list;
    for (std::size_t i = 0; i < steps_.size(); ++i) {
      const Op& op = mixed_.fused.ops[i];
      list.push_back(describe_step(op, mixed_.precision_of(i), shape(op.operands[0]), shape(op.output), kernel_name(i),
                                   gives_floats(op, mixed_.fused.output)));
    }
    return list;
  }

  void run(const float* images, float* logits, Context& context) const noexcept {
    const auto convert = converter(images);
    run_from(convert, logits, context);
  }
  /// With a look at everything in between, image by image: as that of `MixedSession`. Threads do not share an image.
  template <class Observe>
    requires std::is_invocable_v<Observe, int, std::span<const std::byte>>
  void run(const float* images, float* logits, Context& context, Observe&& observe) const
      noexcept(std::is_nothrow_invocable_v<Observe, int, std::span<const std::byte>>) {
    const auto convert = converter(images);
    TeamPlan alone = plan_;
    alone.threads = plan_.teams();
    execute(alone, convert, logits, context, observe);
  }

  /// The same for images that `write(first, count, to)` puts to their place as `input_format()` says: all at once, or
  /// image by image.
  template <WritesImages Write>
  void run_from(Write&& write, float* logits, Context& context) const noexcept {
    execute(plan_, write, logits, context, [](int, std::span<const std::byte>) noexcept {});
  }

  /// What the images are kept as.
  [[nodiscard]] InputFormat input_format() const noexcept { return {input_.to, input_.int8}; }

 private:
  static constexpr std::size_t image_size = A::input_shape.size();
  static constexpr std::size_t classes = A::output_shape.size();

  /// The constants of all steps.
  struct Kernels {
    Int8Steps<WeightLimit> int8;
    FloatSteps floats;
  };
  using Run = void(const Kernels&, const StepPointers&) noexcept;

  struct Step {
    Run* run;                  ///< Null for a conversion.
    std::size_t index;         ///< Of the architecture's operation.
    ConvertFormats formats{};  ///< Of a conversion.
  };

  template <std::size_t I>
  static void run_int8(const Kernels& kernels, const StepPointers& p) noexcept {
    kernels.int8.template execute<P, I>(p);
  }
  template <std::size_t I>
  static void run_float(const Kernels& kernels, const StepPointers& p) noexcept {
    kernels.floats.template execute<P, I>(p);
  }
  /// Of each operation, in int8 and in float.
  static constexpr auto runs = []<std::size_t... I>(std::index_sequence<I...>) {
    return std::array<std::array<Run*, P::count>, 2>{{{&run_int8<I>...}, {&run_float<I>...}}};
  }(std::make_index_sequence<P::count>{});

  static MixedProgram checked(MixedModel model, int batch, Threads threads) {
    model.int8.weight_limit = std::min(model.int8.weight_limit, WeightLimit);
    MixedProgram mixed = mixed_program(model, batch, threads);
    if (detail::find(mixed.precisions, LayerPrecision::bf16) != mixed.precisions.end()) {
      raise(without_bf16("the backend Embedded"));
    }
    return mixed;
  }

  static ValuePlan plan(const MixedProgram& mixed) {
    Program program = A::program;
    program.values = detail::span_of(mixed.shapes);
    return plan_values(program, mixed.fused, true, [&](int value) { return mixed.bytes_of(value); });
  }

  [[nodiscard]] auto converter(const float* images) const noexcept {
    return [this, images](std::size_t first, std::size_t count, std::byte* to) noexcept {
      convert_numbers(input_, reinterpret_cast<const std::byte*>(images + first), count, to);
    };
  }

  template <class Write, class Observe>
  void execute(const TeamPlan& plan, Write& write, float* logits, Context& context, Observe&& observe) const
      noexcept(std::is_nothrow_invocable_v<Observe, int, std::span<const std::byte>>) {
    constexpr bool quiet = std::is_nothrow_invocable_v<Observe, int, std::span<const std::byte>>;
    for_images(plan, context.memory_, [&](std::size_t image, const TeamMember& member) noexcept(quiet) {
      by_first(member, [&] { write(image * image_size, image_size, at(member.values, 0)); });
      run_steps(member, observe);
      by_first(member, [&] {
        convert_numbers(output_, at(member.values, mixed_.fused.output), classes,
                        reinterpret_cast<std::byte*>(logits + image * classes));
      });
    });
  }

  template <class Observe>
  void run_steps(const TeamMember& member, Observe& observe) const
      noexcept(std::is_nothrow_invocable_v<Observe, int, std::span<const std::byte>>) {
    const auto look = [&](int value) { observe(value, std::span{at(member.values, value), mixed_.bytes_of(value)}); };
    look(0);
    for (std::size_t i = 0; i < steps_.size(); ++i) {
      const Op& op = mixed_.fused.ops[i];
      const StepPointers p = pointers(op, member);
      if (steps_[i].run == nullptr) {
        convert_numbers(steps_[i].formats, p.inputs[0], shape(op.output).size(), p.output);
      } else {
        steps_[i].run(kernels_, p);
        look(op.output);
      }
      member.wait();
    }
  }

  [[nodiscard]] StepPointers pointers(const Op& op, const TeamMember& member) const noexcept {
    StepPointers p;
    for (std::size_t k = 0; k < static_cast<std::size_t>(op.operand_count); ++k) {
      p.inputs[k] = at(member.values, op.operands[k]);
    }
    if (op.residual >= 0) p.residual = at(member.values, op.residual);
    p.output = at(member.values, op.output);
    p.scratchpad = member.scratchpad;
    return p;
  }

  [[nodiscard]] std::string kernel_name(std::size_t step) const {
    if (steps_[step].run == nullptr) return "attar conversion";
    const std::size_t index = steps_[step].index;
    const auto name = [&]<class Steps>(const Steps& steps) {
      const Op& op = P::tables.ops[index];
      return is_product(op) ? Steps::Product::kernel_name(Steps::shape_of(op, A::program))
                            : steps.kernels[P::tables.places[index]].kernel_name();
    };
    return is_int8(step) ? name(kernels_.int8) : name(kernels_.floats);
  }

  [[nodiscard]] bool is_int8(std::size_t step) const { return mixed_.precisions[step] == LayerPrecision::int8; }
  [[nodiscard]] const Shape& shape(int value) const noexcept { return mixed_.shapes[static_cast<std::size_t>(value)]; }
  [[nodiscard]] std::byte* at(std::byte* values, int value) const noexcept {
    return values + values_.offsets[static_cast<std::size_t>(value)];
  }

  MixedProgram mixed_;
  ValuePlan values_;
  TeamPlan plan_;
  Kernels kernels_;
  std::vector<Step> steps_;
  ConvertFormats input_;
  ConvertFormats output_;
};

}  // namespace attar::detail
