// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <type_traits>

#include <attar/optim/optimizer.hpp>

namespace attar {
namespace detail {

/// The numbers of one step of Adam that are the same for all parameters.
template <class T>
struct AdamStep {
  AdamStep(double rate, double beta1, double beta2, double epsilon_, std::uint64_t steps)
      : first_share{static_cast<T>(1.0 - beta1)},
        second_keep{static_cast<T>(beta2)},
        second_share{static_cast<T>(1.0 - beta2)},
        step_size{static_cast<T>(rate / (1.0 - std::pow(beta1, static_cast<double>(steps))))},
        second_scale{static_cast<T>(1.0 / std::sqrt(1.0 - std::pow(beta2, static_cast<double>(steps))))},
        epsilon{static_cast<T>(epsilon_)} {}

  /// p = keep * p, g += lambda * p: one of the two decays the weights, the other has its neutral value.
  void update(T* __restrict p, const T* __restrict g, T* __restrict m, T* __restrict v, std::size_t count, T keep,
              T lambda) const {
    for (std::size_t i = 0; i < count; ++i) {
      const T slope = g[i] + lambda * p[i];
      m[i] += first_share * (slope - m[i]);
      v[i] = second_keep * v[i] + second_share * slope * slope;
      p[i] = keep * p[i] - step_size * m[i] / (std::sqrt(v[i]) * second_scale + epsilon);
    }
  }

  T first_share;
  T second_keep;
  T second_share;
  T step_size;
  T second_scale;
  T epsilon;
};

/// One step on the whole buffer; `keep` and `lambda` are for the parts that decay.
template <class T>
void adam_step(const AdamStep<T>& numbers, std::span<T> parameters, std::span<const T> gradients,
               OptimizerState<T>& state, double keep, double lambda, bool decay_all,
               std::span<const ParameterRange> weights) {
  T* p = parameters.data();
  const T* g = gradients.data();
  T* m = state.slots.data();
  T* v = m + parameters.size();
  for_each_piece(parameters.size(), decay_all, weights, [&](std::size_t begin, std::size_t end, bool decays) {
    numbers.update(p + begin, g + begin, m + begin, v + begin, end - begin, static_cast<T>(decays ? keep : 1.0),
                   static_cast<T>(decays ? lambda : 0.0));
  });
}

inline void check_adam(double rate, double beta1, double beta2, double epsilon, double weight_decay) {
  check_hyperparameter(rate >= 0.0, "Adam's rate", "at least 0", rate);
  check_hyperparameter(beta1 >= 0.0 && beta1 < 1.0, "Adam's beta1", "in [0, 1)", beta1);
  check_hyperparameter(beta2 >= 0.0 && beta2 < 1.0, "Adam's beta2", "in [0, 1)", beta2);
  check_hyperparameter(epsilon > 0.0, "Adam's epsilon", "above 0", epsilon);
  check_hyperparameter(weight_decay >= 0.0, "Adam's weight_decay", "at least 0", weight_decay);
}

}  // namespace detail

/// Adam (Kingma and Ba, "Adam: a method for stochastic optimization", 2015), as `torch.optim.Adam`: weight decay is
/// added to the gradient.
///
///     g += weight_decay * p;  m = beta1 * m + (1 - beta1) * g;  v = beta2 * v + (1 - beta2) * g^2
///     p -= rate / (1 - beta1^t) * m / (sqrt(v / (1 - beta2^t)) + epsilon)
struct Adam {
  double rate = 1e-3;                  ///< Learning rate, at least 0.
  double beta1 = 0.9;                  ///< In [0, 1).
  double beta2 = 0.999;                ///< In [0, 1).
  double epsilon = 1e-8;               ///< Above 0.
  double weight_decay = 0.0;           ///< At least 0.
  bool decay_norms_and_biases = true;  ///< False spares all that is not a convolution's or linear layer's weight.

  [[nodiscard]] constexpr std::size_t slots() const noexcept { return 2; }
  void validate() const { detail::check_adam(rate, beta1, beta2, epsilon, weight_decay); }

  /// See `Optimizer`.
  template <class T>
  void step(std::span<T> parameters, std::span<const std::type_identity_t<T>> gradients, OptimizerState<T>& state,
            double current_rate, std::span<const ParameterRange> weights = {}) const {
    detail::check_step(parameters, gradients, state, slots());
    detail::adam_step(detail::AdamStep<T>{current_rate, beta1, beta2, epsilon, ++state.steps}, parameters, gradients,
                      state, 1.0, weight_decay, decay_norms_and_biases, weights);
  }
};

/// Adam with decoupled weight decay (Loshchilov and Hutter, "Decoupled weight decay regularization", 2019), as
/// `torch.optim.AdamW`: p = (1 - rate * weight_decay) * p before Adam's step, and the gradient is left alone.
struct AdamW {
  double rate = 1e-3;                  ///< Learning rate, at least 0.
  double beta1 = 0.9;                  ///< In [0, 1).
  double beta2 = 0.999;                ///< In [0, 1).
  double epsilon = 1e-8;               ///< Above 0.
  double weight_decay = 1e-2;          ///< At least 0.
  bool decay_norms_and_biases = true;  ///< False spares all that is not a convolution's or linear layer's weight.

  [[nodiscard]] constexpr std::size_t slots() const noexcept { return 2; }
  void validate() const { detail::check_adam(rate, beta1, beta2, epsilon, weight_decay); }

  /// See `Optimizer`.
  template <class T>
  void step(std::span<T> parameters, std::span<const std::type_identity_t<T>> gradients, OptimizerState<T>& state,
            double current_rate, std::span<const ParameterRange> weights = {}) const {
    detail::check_step(parameters, gradients, state, slots());
    detail::adam_step(detail::AdamStep<T>{current_rate, beta1, beta2, epsilon, ++state.steps}, parameters, gradients,
                      state, 1.0 - current_rate * weight_decay, 0.0, decay_norms_and_biases, weights);
  }
};

}  // namespace attar
