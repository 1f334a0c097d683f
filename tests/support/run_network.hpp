// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include <attar/backend/inference_session.hpp>
#include <attar/backend/reference.hpp>
#include <attar/core/rng.hpp>
#include <attar/model/network.hpp>

namespace attar::test {

inline std::vector<double> random_numbers(std::size_t count, std::uint64_t seed) {
  Rng rng{Seed{seed}};
  std::vector<double> numbers(count);
  for (double& number : numbers) number = rng.normal();
  return numbers;
}

/// A network as if it were trained: no norm and no bias has a special value.
template <class A>
Network<A, double> random_network(std::uint64_t seed) {
  Network<A, double> network{Seed{seed}};
  Rng rng{Seed{seed}, 1'000'000};
  for (const Parameter& parameter : A::program.parameters) {
    for (double& number : network.tensor(parameter.name.view())) {
      if (parameter.role == Role::weight) continue;
      const double uniform = rng.uniform();
      number =
          parameter.role == Role::norm_scale || parameter.role == Role::running_var ? 0.5 + uniform : uniform - 0.5;
    }
  }
  return network;
}

/// The outputs for a batch of `batch` images, by the reference backend in double.
template <class A>
std::vector<double> run_network(const Network<A, double>& network, std::span<const double> images, int batch) {
  const InferenceSession<Reference<double>> session{A::program, network.buffer(), batch};
  auto context = session.make_context();
  std::vector<double> outputs(session.output_size());
  session.run(images.data(), outputs.data(), context);
  return outputs;
}

}  // namespace attar::test
