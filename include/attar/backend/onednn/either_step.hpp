// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <utility>
#include <variant>

#include <attar/backend/step_session.hpp>

namespace attar::detail::onednn {

/// A step that is one of two kinds: a matrix product by oneDNN, or one of our kernels.
template <class Product, class Kernel>
class EitherStep {
 public:
  using Binding = std::variant<typename Product::Binding, typename Kernel::Binding>;

  EitherStep(Product product) : step_{std::move(product)} {}  // NOLINT: a step is either
  EitherStep(Kernel kernel) : step_{std::move(kernel)} {}     // NOLINT

  [[nodiscard]] std::size_t scratchpad_bytes() const {
    return std::visit([](const auto& step) { return step.scratchpad_bytes(); }, step_);
  }
  [[nodiscard]] Binding bind(const StepPointers& pointers) const {
    return std::visit([&](const auto& step) { return Binding{step.bind(pointers)}; }, step_);
  }
  void execute(Binding& binding) const noexcept {
    if (const Product* product = std::get_if<Product>(&step_)) {
      product->execute(*std::get_if<typename Product::Binding>(&binding));
    } else {
      std::get_if<Kernel>(&step_)->execute(*std::get_if<typename Kernel::Binding>(&binding));
    }
  }

 private:
  std::variant<Product, Kernel> step_;
};

}  // namespace attar::detail::onednn
