// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <attar/backend/inference_session.hpp>
#include <attar/backend/int8_preparer.hpp>
#include <attar/backend/int8_program.hpp>
#include <attar/backend/int8_session.hpp>
#include <attar/backend/kernels/convert_step.hpp>
#include <attar/backend/memory_plan.hpp>
#include <attar/backend/mixed_program.hpp>
#include <attar/backend/one_of_step.hpp>
#include <attar/backend/step_description.hpp>
#include <attar/backend/step_session.hpp>
#include <attar/core/dtype.hpp>
#include <attar/core/error.hpp>
#include <attar/core/parallel.hpp>
#include <attar/detail/whole_range.hpp>
#include <attar/model/mixed_model.hpp>
#include <attar/model/program.hpp>

namespace attar {

namespace detail {

/// Whether a backend can keep feature maps as bf16.
template <class Backend>
inline constexpr bool infers_in_bf16 = requires { typename InferenceOf<Backend, bf16>::Step; };

/// A step of a mixed network: of any precision, or a conversion.
template <class Backend, bool HasBf16 = infers_in_bf16<Backend>>
struct MixedStepOf {
  using type =
      OneOfStep<ConvertStep, typename Int8InferenceOf<Backend>::Step, typename InferenceOf<Backend, float>::Step>;
};
template <class Backend>
struct MixedStepOf<Backend, true> {
  using type = OneOfStep<ConvertStep, typename Int8InferenceOf<Backend>::Step,
                         typename InferenceOf<Backend, float>::Step, typename InferenceOf<Backend, bf16>::Step>;
};

}  // namespace detail

/// The inference of a network whose layers have precisions of their own, for a fixed batch size. Layers in int8 pass
/// bytes, layers in floats pass floats; where one reads what another wrote in another precision, the value is converted
/// in between, once for all its readers of that precision: round(x / scale + zero point) towards int8, (q - zero point)
/// * scale from it. With all layers in int8 it gives the bits of `Int8Session`, with none those of `InferenceSession`.
/// Otherwise as those: constant, shared by threads, a context for each, no allocation of its own in `run`.
template <class Backend>
class MixedSession {
 public:
  using Scalar = float;
  using Session = detail::StepSession<typename detail::MixedStepOf<Backend>::type>;
  using Context = typename Session::Context;

  /// Prepares a model, which is not needed afterwards. Throws `Error`: `invalid_data` where its scales cannot be right,
  /// `unsupported` for a bf16 layer where backend or CPU have no bf16, `invalid_argument`, `out_of_memory`, or what the
  /// backend reports.
  explicit MixedSession(const MixedModel& model, int batch = 1, Threads threads = {thread_count()})
      : images_{static_cast<std::size_t>(batch) * model.int8.program.input_shape().size()},
        logits_{static_cast<std::size_t>(batch) * model.int8.program.output_shape().size()},
        batch_{batch},
        mixed_{std::make_shared<const Mixed>(detail::mixed_program(model, batch, threads))},
        session_{prepare(model, *mixed_, batch, threads)},
        input_{mixed_->input(model.int8)},
        output_{mixed_->output(model.int8)} {}

  [[nodiscard]] int batch() const noexcept { return batch_; }
  /// Numbers of one batch of images, and of its logits.
  [[nodiscard]] std::size_t input_size() const noexcept { return images_; }
  [[nodiscard]] std::size_t output_size() const noexcept { return logits_; }
  /// Bytes that a context takes.
  [[nodiscard]] std::size_t context_bytes() const noexcept { return session_.context_bytes(); }
  /// What the numbers of a value are kept as. Images that layers of several precisions read are kept as floats.
  [[nodiscard]] LayerPrecision format(int value) const noexcept { return mixed_->format(value); }
  /// How many conversions between precisions an inference makes, that of the images not counted.
  [[nodiscard]] int conversions() const noexcept {
    return static_cast<int>(std::count(mixed_->converts.begin(), mixed_->converts.end(), true));
  }

  /// What the session does, step by step, by which kernels.
  [[nodiscard]] std::vector<StepDescription> steps() const {
    return session_.describe([&](int value) { return mixed_->shapes[static_cast<std::size_t>(value)]; },
                             [&](std::size_t step) { return mixed_->precision_of(step); });
  }

  /// What one thread needs to run this session; valid as long as the session.
  [[nodiscard]] Context make_context() const { return session_.make_context(); }

  /// logits (batch x classes) = network(images), images batch x H x W x C, normalized floats.
  void run(const float* images, float* logits, Context& context) const noexcept;

  /// The same, with a look at everything in between: `observe(value, bytes)` is called with the images and then with
  /// every value that the fused program computes, in its `format`. Conversions are not shown.
  template <class Observe>
    requires std::is_invocable_v<Observe, int, std::span<const std::byte>>
  void run(const float* images, float* logits, Context& context, Observe&& observe) const
      noexcept(std::is_nothrow_invocable_v<Observe, int, std::span<const std::byte>>) {
    const auto convert = [&](std::size_t first, std::size_t count, std::byte* to) noexcept {
      detail::convert_numbers(input_, reinterpret_cast<const std::byte*>(images + first), count, to);
    };
    execute(convert, logits, context, observe);
  }

  /// The same for images that `write(first, count, to)` puts to their place as `input_format()` says: all at once, or
  /// image by image.
  template <detail::WritesImages Write>
  void run_from(Write&& write, float* logits, Context& context) const noexcept {
    execute(write, logits, context, [](int, std::span<const std::byte>) noexcept {});
  }

  /// What the images are kept as.
  [[nodiscard]] InputFormat input_format() const noexcept { return {input_.to, input_.int8}; }

 private:
  using Mixed = detail::MixedProgram;

  template <class Write, class Observe>
  void execute(Write& write, float* logits, Context& context, Observe&& observe) const
      noexcept(std::is_nothrow_invocable_v<Observe, int, std::span<const std::byte>>) {
    constexpr bool quiet = std::is_nothrow_invocable_v<Observe, int, std::span<const std::byte>>;
    session_.run(
        context, [&](std::byte* input) noexcept { write(std::size_t{0}, images_, input); },
        [&](const std::byte* output) noexcept {
          detail::convert_numbers(output_, output, logits_, reinterpret_cast<std::byte*>(logits));
        },
        [&](int value, const std::byte* bytes) noexcept(quiet) {
          if (mixed_->values[static_cast<std::size_t>(value)].origin == value) {
            observe(value, std::span{bytes, static_cast<std::size_t>(batch_) * mixed_->bytes_of(value)});
          }
        });
  }

  static Session prepare(const MixedModel& model, const Mixed& mixed, int batch, Threads threads);
  static typename detail::MixedStepOf<Backend>::type in_bf16(const OperationContext& context,
                                                             std::span<const float> parameters, bool in_place);

  std::size_t images_;
  std::size_t logits_;
  int batch_;
  std::shared_ptr<const Mixed> mixed_;  ///< Steps may point into it, also those of a copy.
  Session session_;
  detail::ConvertFormats input_;
  detail::ConvertFormats output_;
};

template <class Backend>
void MixedSession<Backend>::run(const float* images, float* logits, Context& context) const noexcept {
  run(images, logits, context, [](int, std::span<const std::byte>) noexcept {});
}

template <class Backend>
auto MixedSession<Backend>::prepare(const MixedModel& model, const Mixed& mixed, int batch, Threads threads)
    -> Session {
  using Int8 = detail::Int8InferenceOf<Backend>;
  using Floats = detail::InferenceOf<Backend, float>;
  static_assert(Int8::sums_in_place == Floats::sums_in_place);
  const detail::ThreadScope scope{threads};  // oneDNN divides the work when a primitive is made.

  // Converted values are values of a longer program, with the scales of what they were converted from.
  Int8Model int8 = model.int8;
  int8.program.values = detail::span_of(mixed.shapes);
  std::vector<float> scales;
  std::vector<std::uint8_t> signed_values;
  std::vector<std::uint8_t> zero_points;
  for (const detail::MixedValue& value : mixed.values) {
    const Int8Format format = model.int8.format(value.origin);
    scales.push_back(format.scale);
    signed_values.push_back(format.is_signed ? 1 : 0);
    zero_points.push_back(static_cast<std::uint8_t>(format.zero_point));
  }
  int8.activation_scales = scales;
  int8.signed_values = signed_values;
  int8.zero_points = zero_points;

  ValuePlan plan = plan_values(int8.program, mixed.fused, Int8::sums_in_place,
                               [&](int value) { return static_cast<std::size_t>(batch) * mixed.bytes_of(value); });
  const detail::Int8Preparer preparer{int8, mixed.fused};
  std::vector<typename detail::MixedStepOf<Backend>::type> steps;
  steps.reserve(mixed.fused.ops.size());
  for (std::size_t i = 0; i < mixed.fused.ops.size(); ++i) {
    const Op& op = mixed.fused.ops[i];
    const OperationContext context{op, int8.program, batch};
    if (mixed.converts[i]) {
      steps.push_back(detail::ConvertStep{mixed.conversion(i, model.int8),
                                          static_cast<std::size_t>(batch) * int8.program.shape(op.output).size()});
    } else if (mixed.precisions[i] == LayerPrecision::int8) {
      steps.push_back(Int8::prepare(preparer.prepare(op), context,
                                    is_product(op) ? int8.weight(op.weight) : std::span<const std::int8_t>{},
                                    plan.sums_in_place[i]));
    } else if (mixed.precisions[i] == LayerPrecision::fp32) {
      steps.push_back(Floats::prepare(context, model.parameters, plan.sums_in_place[i]));
    } else {
      steps.push_back(in_bf16(context, model.parameters, plan.sums_in_place[i]));
    }
  }
  return {mixed.fused, std::move(plan), std::move(steps), threads};
}

template <class Backend>
auto MixedSession<Backend>::in_bf16(const OperationContext& context, std::span<const float> parameters, bool in_place)
    -> typename detail::MixedStepOf<Backend>::type {
  if constexpr (detail::infers_in_bf16<Backend>) {
    return detail::translate_exceptions<Error>(
        [&] { return detail::InferenceOf<Backend, bf16>::prepare(context, parameters, in_place); },
        [&](const Error& error) {
          return error.code() == ErrorCode::unsupported ? detail::without_bf16(error.what()) : error;
        });
  } else {
    raise(detail::without_bf16("a backend without"));
  }
}

}  // namespace attar
