// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <attar/backend/inference_session.hpp>
#include <attar/backend/int8_preparer.hpp>
#include <attar/backend/int8_program.hpp>
#include <attar/backend/kernels/int8.hpp>
#include <attar/backend/memory_plan.hpp>
#include <attar/backend/step_description.hpp>
#include <attar/backend/step_session.hpp>
#include <attar/core/parallel.hpp>
#include <attar/detail/whole_range.hpp>
#include <attar/model/fuse.hpp>
#include <attar/model/int8_model.hpp>
#include <attar/model/layer_precision.hpp>
#include <attar/model/program.hpp>

namespace attar {

namespace detail {

/// How a backend prepares one operation of an int8 inference; specialized beside each backend, as `InferenceOf` is:
/// `static Step prepare(const Int8Op&, const OperationContext&, std::span<const std::int8_t> weights, bool in_place)`.
template <class Backend>
struct Int8InferenceOf;

}  // namespace detail

/// The inference of a quantized network for a fixed batch size, in 8-bit integers all the way from the images, which it
/// quantizes itself, to the float logits. As `InferenceSession`: constant, shared by threads, a context for each.
/// All backends give the same numbers, bit by bit (see `int8_program.hpp`).
template <class Backend>
class Int8Session {
 public:
  using Scalar = float;
  using Session = detail::StepSession<typename detail::Int8InferenceOf<Backend>::Step>;
  using Context = typename Session::Context;

  /// Prepares a model, which is not needed afterwards. Throws `Error` with `invalid_data` where its scales cannot be
  /// right, `invalid_argument`, `out_of_memory`, or what the backend reports.
  explicit Int8Session(const Int8Model& model, int batch = 1, Threads threads = {thread_count()})
      : images_{static_cast<std::size_t>(batch) * model.program.input_shape().size()},
        logits_{static_cast<std::size_t>(batch) * model.program.output_shape().size()},
        program_{model.program},
        batch_{batch},
        session_{prepare(model, batch, threads)},
        input_{LayerPrecision::int8, model.format(0)},
        float_output_{gives_floats(session_.fused())},
        output_{model.format(session_.fused().output)} {}

  [[nodiscard]] int batch() const noexcept { return batch_; }
  /// Numbers of one batch of images, and of its logits.
  [[nodiscard]] std::size_t input_size() const noexcept { return images_; }
  [[nodiscard]] std::size_t output_size() const noexcept { return logits_; }
  /// Bytes that a context takes.
  [[nodiscard]] std::size_t context_bytes() const noexcept { return session_.context_bytes(); }

  /// What the session does, step by step, by which kernels.
  [[nodiscard]] std::vector<StepDescription> steps() const {
    return session_.describe([&](int value) { return program_.shape(value); },
                             [](std::size_t) { return std::string{"int8"}; });
  }

  /// What one thread needs to run this session; valid as long as the session.
  [[nodiscard]] Context make_context() const { return session_.make_context(); }

  /// logits (batch x classes) = network(images), images batch x H x W x C, normalized floats. NaN counts as the lowest
  /// value that the input can hold.
  void run(const float* images, float* logits, Context& context) const noexcept;

  /// The same, with a look at everything in between: `observe(value, bytes)` is called with the quantized images and
  /// then with every value that the fused program computes: one byte per number, or four for float logits.
  template <class Observe>
    requires std::is_invocable_v<Observe, int, std::span<const std::byte>>
  void run(const float* images, float* logits, Context& context, Observe&& observe) const
      noexcept(std::is_nothrow_invocable_v<Observe, int, std::span<const std::byte>>) {
    const auto quantize = [&](std::size_t first, std::size_t count, std::byte* to) noexcept {
      detail::int8_quantize(images + first, count, input_.int8, to);
    };
    execute(quantize, logits, context, observe);
  }

  /// The same for images that `write(first, count, to)` puts to their place as `input_format()` says: all at once, or
  /// image by image.
  template <detail::WritesImages Write>
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
    session_.run(
        context, [&](std::byte* input) noexcept { write(std::size_t{0}, images_, input); },
        [&](const std::byte* output) noexcept {
          detail::int8_to_float(output, logits_, float_output_, output_, logits);
        },
        [&](int value, const std::byte* bytes) noexcept(quiet) {
          const bool floats = float_output_ && value == session_.fused().output;
          const std::size_t size = static_cast<std::size_t>(batch_) * program_.shape(value).size();
          observe(value, std::span{bytes, floats ? size * sizeof(float) : size});
        });
  }

  /// Whether the last operation gives float logits.
  static bool gives_floats(const FusedProgram& fused);

  static Session prepare(const Int8Model& model, int batch, Threads threads);

  std::size_t images_;
  std::size_t logits_;
  Program program_;
  int batch_;
  Session session_;
  InputFormat input_;
  bool float_output_;
  Int8Format output_;
};

template <class Backend>
void Int8Session<Backend>::run(const float* images, float* logits, Context& context) const noexcept {
  run(images, logits, context, [](int, std::span<const std::byte>) noexcept {});
}

template <class Backend>
bool Int8Session<Backend>::gives_floats(const FusedProgram& fused) {
  return detail::any_of(fused.ops, [&](const Op& op) { return detail::gives_floats(op, fused.output); });
}

template <class Backend>
auto Int8Session<Backend>::prepare(const Int8Model& model, int batch, Threads threads) -> Session {
  using Inference = detail::Int8InferenceOf<Backend>;
  const Program& program = model.program;
  detail::require_session(batch, threads, program.values.size(), model.activation_scales.size());
  model.validate();
  const detail::ThreadScope scope{threads};  // oneDNN divides the work when a primitive is made.
  FusedProgram fused = fuse(program, FuseFor::inference);
  const bool floats = gives_floats(fused);
  ValuePlan plan = plan_values(program, fused, Inference::sums_in_place, [&](int value) {
    const std::size_t size = static_cast<std::size_t>(batch) * program.shape(value).size();
    return floats && value == fused.output ? size * sizeof(float) : size;
  });
  const detail::Int8Preparer preparer{model, fused};
  std::vector<typename Inference::Step> steps;
  steps.reserve(fused.ops.size());
  for (std::size_t i = 0; i < fused.ops.size(); ++i) {
    const Op& op = fused.ops[i];
    steps.push_back(Inference::prepare(preparer.prepare(op), OperationContext{op, program, batch},
                                       is_product(op) ? model.weight(op.weight) : std::span<const std::int8_t>{},
                                       plan.sums_in_place[i]));
  }
  return {std::move(fused), std::move(plan), std::move(steps), threads};
}

}  // namespace attar
