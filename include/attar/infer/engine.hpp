// SPDX-License-Identifier: MIT
#pragma once

#include <concepts>
#include <cstddef>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <attar/backend/embedded.hpp>
#include <attar/backend/sessions_of.hpp>
#include <attar/backend/step_description.hpp>
#include <attar/backend/step_session.hpp>
#include <attar/core/aligned_buffer.hpp>
#include <attar/core/error.hpp>
#include <attar/core/instructions.hpp>
#include <attar/core/shape.hpp>
#include <attar/detail/whole_range.hpp>
#include <attar/infer/context_use.hpp>
#include <attar/model/fold_batch_norm.hpp>
#include <attar/model/mixed_constants.hpp>
#include <attar/model/mixed_network.hpp>
#include <attar/model/network.hpp>
#include <attar/model/network_constants.hpp>
#include <attar/model/program.hpp>
#include <attar/model/quantized_constants.hpp>
#include <attar/model/quantized_network.hpp>

namespace attar {

template <Architecture A, class ScalarType>
class NarrowedNetwork;  // Declared only: most programs that embed a network have none.

/// The number of images that an engine takes at once, as a type parameter: `BatchSize<8>`; default 1.
template <int Count>
struct BatchSize {
  static_assert(Count > 0, "attar[E063]: a batch has at least one image");
  static constexpr int count = Count;
};

namespace detail {

/// How many numbers images have by their type, if it says so.
template <class Images>
inline constexpr std::size_t extent_of = std::dynamic_extent;
template <class Images>
  requires requires(const Images& images) { std::span{images}; }
inline constexpr std::size_t extent_of<Images> = decltype(std::span{std::declval<const Images&>()})::extent;

template <class NetworkType, class Backend>
struct EngineSession;

/// Floats: the norms are folded into the convolutions first.
template <class A, class Backend>
struct EngineSession<Network<A>, Backend> {
  using Sessions = SessionsOf<fold_batch_norm_t<A>, Backend>;
  static constexpr const Program& program = fold_batch_norm_t<A>::program;
  using type = typename Sessions::Floats;
  static type make(const Network<A>& network, int batch, Threads threads) {
    return Sessions::floats(fold_batch_norm(network).buffer(), batch, threads);
  }
};

template <class A, class Backend>
struct EngineSession<NarrowedNetwork<A, float>, Backend> {
  static_assert(!runs_by_image<Backend>,
                "attar[E139]: the kernels of Embedded are made from widths that the compiler knows; run a narrowed "
                "network on another backend, or write its architecture as a header first");
  static constexpr const Program& program = fold_batch_norm_t<A>::program;  // For the paths of layers only.
  using type = typename SessionsOf<fold_batch_norm_t<A>, Backend>::Floats;
  static type make(const NarrowedNetwork<A, float>& network, int batch, Threads threads) {
    const auto folded = fold_batch_norm(network);
    return {folded.program, folded.buffer(), batch, threads};
  }
};

/// An architecture that is trained as the int8 network which it will be (`QuantizationAware`).
template <class A>
concept TrainedAsInt8 = requires {
  typename A::Folded;
  typename A::Scheme;
  typename A::Rule;
};

template <TrainedAsInt8 A, class Backend>
struct EngineSession<Network<A>, Backend>
    : EngineSession<QuantizedNetwork<typename A::Folded, typename A::Scheme>, Backend> {
  using Int8 = QuantizedNetwork<typename A::Folded, typename A::Scheme>;
  static auto make(const Network<A>& network, int batch, Threads threads) {
    const Int8 int8 = simulated(network);
    return EngineSession<Int8, Backend>::make(int8, batch, threads);
  }
};

template <class A, class Scheme, class Backend>
struct EngineSession<QuantizedNetwork<A, Scheme>, Backend> {
  static constexpr const Program& program = A::program;
  using type = typename SessionsOf<A, Backend, Scheme::weight_limit>::Int8;
  static type make(const QuantizedNetwork<A, Scheme>& network, int batch, Threads threads) {
    return type{network.model(), batch, threads};
  }
};

template <class A, class Scheme, class Backend>
struct EngineSession<MixedNetwork<A, Scheme>, Backend> {
  static constexpr const Program& program = A::program;
  using type = typename SessionsOf<A, Backend, Scheme::weight_limit>::Mixed;
  static type make(const MixedNetwork<A, Scheme>& network, int batch, Threads threads) {
    return type{network.model(), batch, threads};
  }
};

/// Constants of the program, by any backend that takes the network itself.
template <class A, class Scheme, class Backend>
struct EngineSession<QuantizedConstants<A, Scheme>, Backend> {
  static constexpr const Program& program = A::program;
  using type = typename EngineSession<QuantizedNetwork<A, Scheme>, Backend>::type;
  static type make(const QuantizedConstants<A, Scheme>& constants, int batch, Threads threads) {
    return type{constants.model(), batch, threads};
  }
};

template <class A, class Backend>
struct EngineSession<NetworkConstants<A>, Backend> : EngineSession<Network<A>, Backend> {
  static auto make(const NetworkConstants<A>& constants, int batch, Threads threads) {
    return EngineSession<Network<A>, Backend>::make(constants.network(), batch, threads);
  }
};

template <class A, class Scheme, class Backend>
struct EngineSession<MixedConstants<A, Scheme>, Backend> : EngineSession<MixedNetwork<A, Scheme>, Backend> {
  static auto make(const MixedConstants<A, Scheme>& constants, int batch, Threads threads) {
    return EngineSession<MixedNetwork<A, Scheme>, Backend>::make(constants.network(), batch, threads);
  }
};

}  // namespace detail

/// Runs a network: made once from a `Network`, `NarrowedNetwork`, `QuantizedNetwork`, `MixedNetwork` or constants of
/// the program, constant afterwards, shared by any number of threads, each with a context of its own. The network is
/// not needed afterwards. One that is quantization-aware runs as the int8 network that it simulates.
///
///     const Engine engine{load<StudentInt8>("student.safetensors")};
///     auto context = engine.make_context();
///     std::span<const float> logits = engine(image, context);
template <class NetworkType, class Backend = Embedded, class BatchType = BatchSize<1>>
class Engine {
  using Maker = detail::EngineSession<NetworkType, Backend>;
  using Session = typename Maker::type;

 public:
  using Model = NetworkType;
  static constexpr int batch = BatchType::count;
  static constexpr Shape input_shape = NetworkType::ArchitectureType::input_shape;
  /// Logits per image.
  static constexpr std::size_t classes = NetworkType::ArchitectureType::output_shape.size();
  /// Numbers of a batch of images.
  static constexpr std::size_t input_size = static_cast<std::size_t>(batch) * input_shape.size();

  /// What one thread needs to use the engine; not longer than the engine lives. Used by two threads at once, or with
  /// another engine, it aborts a program that was compiled without NDEBUG.
  class Context {
   public:
    explicit Context(const Engine& engine)
        : session_{engine.session_.make_context()},
          logits_{static_cast<std::size_t>(batch) * classes},
          use_{.engine = engine.number_.value()} {}

   private:
    friend Engine;
    typename Session::Context session_;
    AlignedBuffer<float> logits_;
    detail::ContextUse use_;
  };

  /// Prepares the network; one inference uses one thread unless told otherwise. Throws `Error` (see
  /// `InferenceSession`, `Int8Session` and `MixedSession`), with `unsupported` on a CPU without the instructions that
  /// the program was compiled for.
  explicit Engine(const NetworkType& network, Threads threads = {1})
      : session_{make(network, threads)}, threads_{threads} {}

  [[nodiscard]] Context make_context() const { return Context{*this}; }
  /// Bytes that a context takes.
  [[nodiscard]] std::size_t context_bytes() const noexcept { return session_.context_bytes(); }

  /// How many threads an inference may use.
  [[nodiscard]] Threads threads() const noexcept { return threads_; }
  /// What is beneath, for those who look at every step (`profile`).
  [[nodiscard]] const auto& session() const noexcept { return session_; }

  /// What an inference does, step by step, and by which kernels: what this machine really got. `describe` prints it.
  [[nodiscard]] std::vector<StepDescription> steps() const {
    std::vector<StepDescription> list = session_.steps();
    for (StepDescription& step : list) {
      if (step.op.layer >= 0) step.path = Maker::program.rows[static_cast<std::size_t>(step.op.layer)].path.view();
    }
    return list;
  }

  /// The logits (batch x classes) of normalized images (batch x H x W x C, `input_size` floats). They are kept in the
  /// context until its next use.
  std::span<const float> operator()(std::span<const float, input_size> images, Context& context) const noexcept {
    const detail::ContextCall call{context.use_, number_};
    session_.run(images.data(), context.logits_.data(), context.session_);
    return context.logits_.span();
  }
  /// The same for images whose number is known at run time (a vector, a span). Throws `Error` with `invalid_argument`
  /// if it is wrong.
  template <class Images>
    requires(std::convertible_to<const Images&, std::span<const float>> &&
             !std::convertible_to<const Images&, std::span<const float, input_size>>)
  std::span<const float> operator()(const Images& images, Context& context) const {
    const std::span<const float> numbers = images;
    require_batch<Images>(numbers.size(), "floats");
    return (*this)(numbers.template first<input_size>(), context);
  }
  /// The same for images that `write(first, count, to)` puts into the network's memory as `input_format()` says: see
  /// `PixelEngine`.
  template <detail::WritesImages Write>
  std::span<const float> run_from(Write&& write, Context& context) const noexcept {
    const detail::ContextCall call{context.use_, number_};
    session_.run_from(write, context.logits_.data(), context.session_);
    return context.logits_.span();
  }
  [[nodiscard]] InputFormat input_format() const noexcept { return session_.input_format(); }

  /// The logits of image `index` of the batch, after a call.
  [[nodiscard]] static std::span<const float, classes> logits(const Context& context, int index = 0) noexcept {
    return context.logits_.span().subspan(static_cast<std::size_t>(index) * classes).template first<classes>();
  }
  /// The class with the largest of them, of equals the lowest.
  [[nodiscard]] static int label(const Context& context, int index = 0) noexcept {
    return static_cast<int>(detail::index_of_largest(logits(context, index)));
  }
  /// The class of one image, for an engine of batch 1.
  template <class Image>
    requires(batch == 1)
  [[nodiscard]] int classify(const Image& image, Context& context) const {
    (*this)(image, context);
    return label(context);
  }

 protected:
  /// Throws `Error` with `invalid_argument` unless so many numbers, those of `Images`, are a batch of images.
  template <class Images>
  static void require_batch(std::size_t found, const char* what) {
    static_assert(
        detail::extent_of<Images> == std::dynamic_extent,
        "attar[E069]: an engine takes batch x height x width x channels numbers (input_size), no other array");
    if (found == input_size) return;
    raise(Error{
        ErrorCode::invalid_argument, "images",
        std::to_string(batch) + " of " + to_string(input_shape) + " (" + std::to_string(input_size) + " " + what + ")",
        std::to_string(found) + " " + what});
  }

 private:
  static Session make(const NetworkType& network, Threads threads) {
    require_instructions();
    return Maker::make(network, batch, threads);
  }

  Session session_;
  Threads threads_;
  detail::EngineNumber number_;
};

template <class NetworkType>
Engine(const NetworkType&) -> Engine<NetworkType>;
template <class NetworkType>
Engine(const NetworkType&, Threads) -> Engine<NetworkType>;

}  // namespace attar
