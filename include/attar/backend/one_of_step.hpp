// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>

#include <attar/backend/step_session.hpp>

namespace attar::detail {

/// A step of a `StepSession` that is one of several kinds, told apart by a branch.
template <class... Steps>
class OneOfStep {
 public:
  using Binding = std::variant<typename Steps::Binding...>;

  template <class Step>
    requires(std::is_same_v<Step, Steps> || ...)
  OneOfStep(Step step) : step_{std::in_place_type<Step>, std::move(step)} {}  // NOLINT: a step of a kind is a step

  [[nodiscard]] std::string kernel_name() const {
    return std::visit([](const auto& step) -> std::string { return step.kernel_name(); }, step_);
  }
  [[nodiscard]] std::size_t scratchpad_bytes() const {
    return std::visit([](const auto& step) { return step.scratchpad_bytes(); }, step_);
  }
  [[nodiscard]] Binding bind(const StepPointers& pointers) const {
    return bind(pointers, std::index_sequence_for<Steps...>{});
  }
  void execute(Binding& binding) const noexcept { execute(binding, std::index_sequence_for<Steps...>{}); }

 private:
  // By index, for kinds may share a type of binding.
  template <std::size_t... I>
  Binding bind(const StepPointers& pointers, std::index_sequence<I...>) const {
    Binding binding;
    ((step_.index() == I ? void(binding.template emplace<I>(std::get_if<I>(&step_)->bind(pointers))) : void()), ...);
    return binding;
  }
  template <std::size_t... I>
  void execute(Binding& binding, std::index_sequence<I...>) const noexcept {
    ((step_.index() == I ? std::get_if<I>(&step_)->execute(*std::get_if<I>(&binding)) : void()), ...);
  }

  std::variant<Steps...> step_;
};

}  // namespace attar::detail
