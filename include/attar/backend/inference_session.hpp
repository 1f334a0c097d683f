// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <attar/backend/memory_plan.hpp>
#include <attar/backend/operation.hpp>
#include <attar/backend/sessions.hpp>
#include <attar/backend/step_description.hpp>
#include <attar/backend/step_session.hpp>
#include <attar/core/dtype.hpp>
#include <attar/core/error.hpp>
#include <attar/core/parallel.hpp>
#include <attar/core/shape.hpp>
#include <attar/model/fuse.hpp>
#include <attar/model/layer_precision.hpp>
#include <attar/model/program.hpp>

namespace attar {

namespace detail {

/// How a backend prepares one operation for inference, with activations kept as `Storage`. Specialized beside each
/// backend, with members
///
///     using Step = ...;                              // see `StepSession`
///     static constexpr bool sums_in_place = ...;     // a convolution adds to what lies where its result goes
///     static Step prepare(const OperationContext&, std::span<const Scalar> parameters, bool in_place);
template <class Backend, class Storage>
struct InferenceOf;

/// The batch of a session and the size of the parameters, checked before anything is allocated.
inline void require_session(int batch, Threads threads, std::size_t expected, std::size_t found) {
  if (batch < 1) raise(Error{ErrorCode::invalid_argument, "batch", "at least 1", std::to_string(batch)});
  if (threads.count < 1) {
    raise(Error{ErrorCode::invalid_argument, "threads", "at least 1", std::to_string(threads.count)});
  }
  if (expected != found) {
    raise(Error{ErrorCode::architecture_mismatch, "parameters", std::to_string(expected) + " numbers",
                std::to_string(found)});
  }
}

}  // namespace detail

/// The inference of a float program for a fixed batch size: operations fused, weights brought once into the layout
/// that the backend likes, one arena for all feature maps. Constant after construction, so any number of threads may
/// share it, each with a context of its own. The hot path has no lock and no virtual call, and allocates nothing (but
/// see docs/inference.md for what oneDNN itself does in a call).
template <class Backend, class StorageType>
class InferenceSession {
 public:
  using Scalar = typename Backend::Scalar;
  using Storage = StorageType;
  using Session = detail::StepSession<typename detail::InferenceOf<Backend, Storage>::Step>;
  using Context = typename Session::Context;

  /// Prepares `program` with its flat parameter buffer, which is not needed afterwards. Throws `Error` with
  /// `invalid_argument`, `architecture_mismatch`, `out_of_memory`, `unsupported` for a quantization-aware program, or
  /// what the backend reports. `taps` are values of the program that `run` must show to its observer.
  InferenceSession(const Program& program, std::span<const Scalar> parameters, int batch = 1,
                   Threads threads = {thread_count()}, std::span<const int> taps = {})
      : images_{static_cast<std::size_t>(batch) * program.input_shape().size()},
        logits_{static_cast<std::size_t>(batch) * program.output_shape().size()},
        batch_{batch},
        shapes_{program.values.begin(), program.values.end()},
        session_{prepare(program, parameters, batch, threads, taps)} {}

  [[nodiscard]] int batch() const noexcept { return batch_; }
  /// Numbers of one batch of images, and of its logits.
  [[nodiscard]] std::size_t input_size() const noexcept { return images_; }
  [[nodiscard]] std::size_t output_size() const noexcept { return logits_; }
  /// Bytes that a context takes.
  [[nodiscard]] std::size_t context_bytes() const noexcept { return session_.context_bytes(); }
  /// The values that an observer sees for the taps, in their order.
  [[nodiscard]] std::span<const int> taps() const noexcept { return session_.fused().taps; }

  /// What the session does, step by step, by which kernels.
  [[nodiscard]] std::vector<StepDescription> steps() const {
    return session_.describe([&](int value) { return shapes_[static_cast<std::size_t>(value)]; },
                             [](std::size_t) { return std::string{precision}; });
  }

  /// What one thread needs to run this session; valid as long as the session.
  [[nodiscard]] Context make_context() const { return session_.make_context(); }

  /// logits (batch x classes) = network(images), images batch x H x W x C.
  void run(const Scalar* images, Scalar* logits, Context& context) const noexcept;

  /// The same, with a look at everything in between: `observe(value, numbers)` is called with value 0, the images,
  /// and then with every value that the fused program computes.
  template <class Observe>
    requires std::is_invocable_v<Observe, int, std::span<const Storage>>
  void run(const Scalar* images, Scalar* logits, Context& context, Observe&& observe) const
      noexcept(std::is_nothrow_invocable_v<Observe, int, std::span<const Storage>>) {
    const auto store = [&](std::size_t first, std::size_t count, std::byte* to) noexcept {
      convert(images + first, reinterpret_cast<Storage*>(to), count);
    };
    execute(store, logits, context, observe);
  }

  /// The same for images that `write(first, count, to)` puts to their place as `input_format()` says: all at once, or
  /// image by image.
  template <detail::WritesImages Write>
  void run_from(Write&& write, Scalar* logits, Context& context) const noexcept {
    execute(write, logits, context, [](int, std::span<const Storage>) noexcept {});
  }

  /// What the images are kept as.
  [[nodiscard]] InputFormat input_format() const noexcept {
    static_assert(sizeof(Storage) <= sizeof(float), "doubles are the oracle's, which takes images as they are");
    return {.precision = std::is_same_v<Storage, bf16> ? LayerPrecision::bf16 : LayerPrecision::fp32};
  }

 private:
  template <class Write, class Observe>
  void execute(Write& write, Scalar* logits, Context& context, Observe&& observe) const
      noexcept(std::is_nothrow_invocable_v<Observe, int, std::span<const Storage>>) {
    constexpr bool quiet = std::is_nothrow_invocable_v<Observe, int, std::span<const Storage>>;
    session_.run(
        context, [&](std::byte* input) noexcept { write(std::size_t{0}, images_, input); },
        [&](const std::byte* output) noexcept { convert(reinterpret_cast<const Storage*>(output), logits, logits_); },
        [&](int value, const std::byte* numbers) noexcept(quiet) {
          const std::size_t size = static_cast<std::size_t>(batch_) * shapes_[static_cast<std::size_t>(value)].size();
          observe(value, std::span{reinterpret_cast<const Storage*>(numbers), size});
        });
  }

  /// What feature maps are kept as.
  static constexpr std::string_view precision =
      std::is_same_v<Storage, bf16> ? "bf16" : (sizeof(Storage) == 4 ? "fp32" : "fp64");

  static Session prepare(const Program& program, std::span<const Scalar> parameters, int batch, Threads threads,
                         std::span<const int> taps);

  template <class From, class To>
  static void convert(const From* from, To* to, std::size_t count) noexcept {
    parallel_ranges(count, [&](std::size_t begin, std::size_t end, std::size_t) {
      for (std::size_t i = begin; i < end; ++i) to[i] = static_cast<To>(from[i]);
    });
  }

  std::size_t images_;
  std::size_t logits_;
  int batch_;
  std::vector<Shape> shapes_;  ///< Of the program's values, kept, for the program may be gone when the session runs.
  Session session_;
};

template <class Backend, class StorageType>
auto InferenceSession<Backend, StorageType>::prepare(const Program& program, std::span<const Scalar> parameters,
                                                     int batch, Threads threads, std::span<const int> taps) -> Session {
  using Inference = detail::InferenceOf<Backend, Storage>;
  detail::require_session(batch, threads, program.buffer_size, parameters.size());
  if (program.simulation != nullptr) {
    raise(Error{ErrorCode::unsupported, "inference in floats", "a network that was trained for floats",
                "a quantization-aware one; run quantize(network), which computes what it was trained for"});
  }
  const detail::ThreadScope scope{threads};  // oneDNN divides the work when a primitive is made.
  FusedProgram fused = fuse(program, FuseFor::inference, taps);
  ValuePlan plan = plan_values(program, fused, Inference::sums_in_place, [&](int value) {
    return static_cast<std::size_t>(batch) * program.shape(value).size() * sizeof(Storage);
  });
  std::vector<typename Inference::Step> steps;
  steps.reserve(fused.ops.size());
  for (std::size_t i = 0; i < fused.ops.size(); ++i) {
    steps.push_back(
        Inference::prepare(OperationContext{fused.ops[i], program, batch}, parameters, plan.sums_in_place[i]));
  }
  return {std::move(fused), std::move(plan), std::move(steps), threads};
}

template <class Backend, class StorageType>
void InferenceSession<Backend, StorageType>::run(const Scalar* images, Scalar* logits,
                                                 Context& context) const noexcept {
  run(images, logits, context, [](int, std::span<const Storage>) noexcept {});
}

}  // namespace attar
