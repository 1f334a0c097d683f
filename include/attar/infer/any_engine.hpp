// SPDX-License-Identifier: MIT
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <attar/backend/step_description.hpp>
#include <attar/core/error.hpp>
#include <attar/core/shape.hpp>
#include <attar/detail/whole_range.hpp>
#include <attar/infer/context_use.hpp>

namespace attar {

namespace detail {

/// What an engine's type says of it, as values.
struct EngineSizes {
  Shape input_shape{};
  int batch = 0;
  std::size_t input_size = 0;
  std::size_t classes = 0;
  bool takes_bytes = false;
};

/// An engine seen by code that does not know its type: a call is one jump, and all behind it is the engine's own.
class EngineBox {
 public:
  class Context {
   public:
    Context() = default;
    Context(const Context&) = delete;
    Context& operator=(const Context&) = delete;
    virtual ~Context() = default;
  };

  EngineBox() = default;
  EngineBox(const EngineBox&) = delete;
  EngineBox& operator=(const EngineBox&) = delete;
  virtual ~EngineBox() = default;

  [[nodiscard]] virtual EngineSizes sizes() const noexcept = 0;
  [[nodiscard]] virtual std::unique_ptr<Context> make_context() const = 0;
  [[nodiscard]] virtual std::vector<StepDescription> steps() const = 0;
  /// The logits of a batch of images. Bytes only where the engine takes them.
  virtual const float* run(const float* images, Context& context) const noexcept = 0;
  virtual const float* run(const std::uint8_t* images, Context& context) const noexcept = 0;
};

template <class EngineType>
class EngineBoxOf final : public EngineBox {
  static constexpr std::size_t size = EngineType::input_size;
  static constexpr bool takes_bytes =
      std::invocable<const EngineType&, std::span<const std::uint8_t, size>, typename EngineType::Context&>;

  struct BoxedContext final : Context {
    explicit BoxedContext(const EngineType& engine) : inner{engine.make_context()} {}
    typename EngineType::Context inner;
  };

 public:
  explicit EngineBoxOf(EngineType engine) : engine_{std::move(engine)} {}

  EngineSizes sizes() const noexcept override {
    return {EngineType::input_shape, EngineType::batch, size, EngineType::classes, takes_bytes};
  }
  std::unique_ptr<Context> make_context() const override { return std::make_unique<BoxedContext>(engine_); }
  std::vector<StepDescription> steps() const override { return engine_.steps(); }
  const float* run(const float* images, Context& context) const noexcept override { return call(images, context); }
  const float* run(const std::uint8_t* images, Context& context) const noexcept override {
    if constexpr (takes_bytes) return call(images, context);
    return nullptr;
  }

 private:
  template <class Number>
  const float* call(const Number* images, Context& context) const noexcept {
    return engine_(std::span<const Number, size>{images, size}, static_cast<BoxedContext&>(context).inner).data();
  }

  EngineType engine_;
};

}  // namespace detail

/// An `Engine` or `PixelEngine` whose type was forgotten: what code holds that does not know the network, or that was
/// compiled for a lesser CPU than the engine (see `EngineMaker`). Constant, shared by any number of threads, each with
/// a context of its own. Sizes are looked at when it runs; beside that, a call costs one jump.
///
///     const AnyEngine engine{PixelEngine{student_int8::network, normalization}};
///     auto context = engine.make_context();
///     std::span<const float> logits = engine(pixels, context);
class AnyEngine {
 public:
  /// What one thread needs to use the engine; not longer than the engine lives. Used by two threads at once, or with
  /// another engine, it aborts a program that was compiled without NDEBUG.
  class Context {
    friend AnyEngine;
    Context(std::unique_ptr<detail::EngineBox::Context> inner, unsigned engine)
        : inner_{std::move(inner)}, use_{.engine = engine} {}

    std::unique_ptr<detail::EngineBox::Context> inner_;
    const float* logits_ = nullptr;
    detail::ContextUse use_;
  };

  template <class EngineType>
    requires requires { typename EngineType::Model; }
  explicit AnyEngine(EngineType engine)
      : box_{std::make_unique<detail::EngineBoxOf<EngineType>>(std::move(engine))}, sizes_{box_->sizes()} {}

  /// Of one image.
  [[nodiscard]] Shape input_shape() const noexcept { return sizes_.input_shape; }
  /// Images that it takes at once.
  [[nodiscard]] int batch() const noexcept { return sizes_.batch; }
  /// Numbers of a batch of images.
  [[nodiscard]] std::size_t input_size() const noexcept { return sizes_.input_size; }
  /// Logits per image.
  [[nodiscard]] std::size_t classes() const noexcept { return sizes_.classes; }
  /// What an inference does, step by step, and by which kernels; `describe` prints it.
  [[nodiscard]] std::vector<StepDescription> steps() const { return box_->steps(); }

  /// Throws `Error` with `out_of_memory`.
  [[nodiscard]] Context make_context() const { return {box_->make_context(), number_.value()}; }

  /// The logits (batch x classes) of normalized images, `input_size()` floats: batch x H x W x C. They are kept in the
  /// context until its next use. Throws `Error` with `invalid_argument` if that is not their number.
  std::span<const float> operator()(std::span<const float> images, Context& context) const {
    require(images.size(), "floats", true);
    return run(images.data(), context);
  }
  /// The same for images of bytes; also throws `Error` where the engine is no `PixelEngine`.
  std::span<const float> operator()(std::span<const std::uint8_t> images, Context& context) const {
    require(images.size(), "bytes", sizes_.takes_bytes);
    return run(images.data(), context);
  }

  /// The logits of image `index` of the batch, after a call.
  [[nodiscard]] std::span<const float> logits(const Context& context, int index = 0) const noexcept {
    return {context.logits_ + static_cast<std::size_t>(index) * classes(), classes()};
  }
  /// The class with the largest of them, of equals the lowest.
  [[nodiscard]] int label(const Context& context, int index = 0) const noexcept {
    return static_cast<int>(detail::index_of_largest(logits(context, index)));
  }

 private:
  void require(std::size_t found, const char* what, bool takes_them) const {
    if (found == sizes_.input_size && takes_them) return;
    raise(Error{ErrorCode::invalid_argument, "images",
                std::to_string(batch()) + " of " + to_string(input_shape()) + " (" + std::to_string(input_size()) +
                    " " + (takes_them ? what : "floats, for the engine is no PixelEngine") + ")",
                std::to_string(found) + " " + what});
  }

  template <class Number>
  std::span<const float> run(const Number* images, Context& context) const noexcept {
    const detail::ContextCall call{context.use_, number_};
    context.logits_ = box_->run(images, *context.inner_);
    return {context.logits_, static_cast<std::size_t>(batch()) * classes()};
  }

  std::unique_ptr<const detail::EngineBox> box_;
  detail::EngineSizes sizes_;
  detail::EngineNumber number_;
};

}  // namespace attar
