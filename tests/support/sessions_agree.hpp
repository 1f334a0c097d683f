// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <cstddef>
#include <vector>

#include <gtest/gtest.h>

#include "random_network.hpp"
#include "small_networks.hpp"
#include <attar/backend/inference_session.hpp>
#include <attar/backend/reference.hpp>
#include <attar/model/fold_batch_norm.hpp>

namespace attar::test {

/// The logits of a session on `Backend`.
template <class Backend, class Storage>
std::vector<typename Backend::Scalar> infer(const Program& program, const std::vector<float>& parameters,
                                            const std::vector<float>& images, int batch) {
  using Scalar = typename Backend::Scalar;
  const std::vector<Scalar> numbers(parameters.begin(), parameters.end());
  const std::vector<Scalar> pixels(images.begin(), images.end());
  const InferenceSession<Backend, Storage> session{program, numbers, batch};
  auto context = session.make_context();
  std::vector<Scalar> logits(session.output_size());
  session.run(pixels.data(), logits.data(), context);
  return logits;
}

/// Holds a backend against the oracle in double. The tolerance is relative to the largest logit.
template <class Backend, class Storage>
void expect_oracle(const Program& program, const std::vector<float>& parameters, const std::vector<float>& images,
                   int batch, double tolerance) {
  const std::vector<double> truth = infer<Reference<double>, double>(program, parameters, images, batch);
  const auto logits = infer<Backend, Storage>(program, parameters, images, batch);
  double largest = 1e-3;
  for (const double logit : truth) largest = std::max(largest, std::abs(logit));
  for (std::size_t i = 0; i < truth.size(); ++i) {
    ASSERT_NEAR(static_cast<double>(logits[i]), truth[i], tolerance * largest) << "logit " << i;
  }
}

template <class Backend, class Storage, class A>
void expect_oracle_on(double tolerance) {
  const Network<A> network = lived_in<A>(Seed{3});
  const auto folded = fold_batch_norm(network);
  for (const int batch : {1, 3}) {
    SCOPED_TRACE(batch);
    const std::vector<float> images = noise(static_cast<std::size_t>(batch) * A::input_shape.size(), Seed{5});
    const auto numbers = [](const auto& n) { return std::vector<float>(n.buffer().begin(), n.buffer().end()); };
    expect_oracle<Backend, Storage>(A::program, numbers(network), images, batch, tolerance);
    expect_oracle<Backend, Storage>(folded.program, numbers(folded), images, batch, tolerance);
  }
}

/// All the small networks, with and without folded norms, batch 1 and 3.
template <class Backend, class Storage>
void expect_oracle_on_networks(double tolerance) {
  expect_oracle_on<Backend, Storage, ResNetLike>(tolerance);
  expect_oracle_on<Backend, Storage, VggLike>(tolerance);
  expect_oracle_on<Backend, Storage, MobileNetV2Like>(tolerance);
  expect_oracle_on<Backend, Storage, MobileNetV3Like>(tolerance);
  expect_oracle_on<Backend, Storage, DenseNetLike>(tolerance);
}

/// Random networks, each by the numbers of a seed.
template <class Backend, class Storage>
void expect_oracle_on_random_networks(int count, double tolerance) {
  for (int i = 0; i < count; ++i) {
    SCOPED_TRACE(i);
    RandomNetwork random{Seed{static_cast<std::uint64_t>(i)}};
    const int batch = 1 + i % 3;
    expect_oracle<Backend, Storage>(random.program(), random.parameters(), random.images(batch), batch, tolerance);
  }
}

}  // namespace attar::test
