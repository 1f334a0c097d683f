// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <span>
#include <type_traits>

#include <attar/optim/optimizer.hpp>

namespace attar {

/// Stochastic gradient descent with momentum, as `torch.optim.SGD` (dampening 0):
///
///     g += weight_decay * p;  v = momentum * v + g;  p -= rate * (nesterov ? g + momentum * v : v)
///
/// The momentum is the heavy ball of Polyak (1964) or Nesterov's (Sutskever et al. 2013).
struct Sgd {
  double rate = 0.1;                   ///< Learning rate, at least 0.
  double momentum = 0.0;               ///< In [0, 1).
  bool nesterov = false;               ///< Needs a momentum.
  double weight_decay = 0.0;           ///< At least 0.
  bool decay_norms_and_biases = true;  ///< False spares all that is not a convolution's or linear layer's weight.

  [[nodiscard]] constexpr std::size_t slots() const noexcept { return momentum > 0.0 ? 1 : 0; }

  void validate() const {
    detail::check_hyperparameter(rate >= 0.0, "Sgd.rate", "at least 0", rate);
    detail::check_hyperparameter(momentum >= 0.0 && momentum < 1.0, "Sgd.momentum", "in [0, 1)", momentum);
    detail::check_hyperparameter(!nesterov || momentum > 0.0, "Sgd.momentum", "above 0 for Nesterov", momentum);
    detail::check_hyperparameter(weight_decay >= 0.0, "Sgd.weight_decay", "at least 0", weight_decay);
  }

  /// See `Optimizer`.
  template <class T>
  void step(std::span<T> parameters, std::span<const std::type_identity_t<T>> gradients, OptimizerState<T>& state,
            double current_rate, std::span<const ParameterRange> weights = {}) const {
    detail::check_step(parameters, gradients, state, slots());
    T* p = parameters.data();
    const T* g = gradients.data();
    T* v = state.slots.data();
    const auto eta = static_cast<T>(current_rate);
    const auto mu = static_cast<T>(momentum);
    const auto update = [&](std::size_t begin, std::size_t end, bool decays) {
      const auto lambda = static_cast<T>(decays ? weight_decay : 0.0);
      if (mu == T{0}) {
        plain(p + begin, g + begin, end - begin, eta, lambda);
      } else if (nesterov) {
        with_momentum<true>(p + begin, g + begin, v + begin, end - begin, eta, mu, lambda);
      } else {
        with_momentum<false>(p + begin, g + begin, v + begin, end - begin, eta, mu, lambda);
      }
    };
    detail::for_each_piece(parameters.size(), decay_norms_and_biases, weights, update);
    ++state.steps;
  }

 private:
  template <class T>
  static void plain(T* __restrict p, const T* __restrict g, std::size_t count, T eta, T lambda) {
    for (std::size_t i = 0; i < count; ++i) p[i] -= eta * (g[i] + lambda * p[i]);
  }
  template <bool Nesterov, class T>
  static void with_momentum(T* __restrict p, const T* __restrict g, T* __restrict v, std::size_t count, T eta, T mu,
                            T lambda) {
    for (std::size_t i = 0; i < count; ++i) {
      const T slope = g[i] + lambda * p[i];
      v[i] = mu * v[i] + slope;
      p[i] -= eta * (Nesterov ? slope + mu * v[i] : v[i]);
    }
  }
};

}  // namespace attar
