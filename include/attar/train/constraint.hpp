// SPDX-License-Identifier: MIT
#pragma once

#include <span>
#include <string>
#include <vector>

namespace attar {

/// Nothing is held: what `Trainer::fit` does by default.
///
/// A constraint holds something true while a network is trained: a mask its zeros, for example. It is called with the
/// gradients before each step of the optimizer and with the trainable parameters after it (and before the first, and
/// after the last), and changes them in place. It may have more:
///
/// - `void observe(double progress, std::span<const float> parameters, std::span<const float> gradients)` is called in
///   each step after the backward pass, before the gradients are held; `progress` is the share of all steps of the run
///   with this one, above 0 and up to 1.
/// - `std::vector<std::span<float>> memory()`: what must be kept when a run is interrupted; always the same spans.
/// - `std::string description()`: what it consists of, for a checkpoint to be of this run.
struct NoConstraint {
  void operator()(std::span<float>) const noexcept {}
};

namespace detail {

/// A constraint without its type.
class Held {
 public:
  Held() = default;
  Held(const Held&) = delete;
  Held& operator=(const Held&) = delete;
  virtual ~Held() = default;

  virtual void hold(std::span<float> numbers) = 0;
  virtual void observe(double progress, std::span<const float> parameters, std::span<const float> gradients) = 0;
  [[nodiscard]] virtual std::vector<std::span<float>> memory() = 0;
  [[nodiscard]] virtual std::string description() const = 0;
};

/// A constraint of the caller's, which outlives this.
template <class Constraint>
class Holding final : public Held {
 public:
  explicit Holding(Constraint& constraint) : constraint_{constraint} {}

  void hold(std::span<float> numbers) override { constraint_(numbers); }
  void observe(double progress, std::span<const float> parameters, std::span<const float> gradients) override {
    if constexpr (requires { constraint_.observe(progress, parameters, gradients); }) {
      constraint_.observe(progress, parameters, gradients);
    }
  }
  [[nodiscard]] std::vector<std::span<float>> memory() override {
    if constexpr (requires { constraint_.memory(); }) {
      return constraint_.memory();
    } else {
      return {};
    }
  }
  [[nodiscard]] std::string description() const override {
    if constexpr (requires { constraint_.description(); }) {
      return " constraint " + constraint_.description();
    } else {
      return {};
    }
  }

 private:
  Constraint& constraint_;
};

}  // namespace detail
}  // namespace attar
