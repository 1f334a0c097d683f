// SPDX-License-Identifier: MIT
#include <cmath>
#include <cstddef>
#include <vector>

#include <gtest/gtest.h>

#include <attar/core/parallel.hpp>
#include <attar/core/rng.hpp>
#include <attar/loss/adapter.hpp>

namespace attar::adapter_test {
namespace {

using detail::Adapter;

/// An adapter with its memory.
template <class T>
struct Owned {
  Owned(std::size_t in, std::size_t out, Seed seed = {})
      : parameters(Adapter<T>::size(in, out)),
        gradients(parameters.size(), T{-5}),
        adapter{in, out, parameters, gradients, Rng{seed}} {}

  std::vector<T> parameters, gradients;
  Adapter<T> adapter;
};

template <class T>
std::vector<T> random_numbers(std::size_t count, std::uint64_t stream) {
  std::vector<T> result(count);
  Rng rng{Seed{3}, stream};
  for (T& x : result) x = static_cast<T>(rng.normal());
  return result;
}

TEST(Adapter, IsAnAffineMapOfEachRow) {
  Owned<double> owned{2, 3};
  owned.parameters = {1, 2, 3, 4, 5, 6, 10, 20, 30};
  const std::vector<double> input{1, 0, -1, 2};
  std::vector<double> output(6);
  owned.adapter.forward(2, input.data(), output.data());
  EXPECT_EQ(output, (std::vector<double>{11, 23, 35, 13, 25, 37}));
}

TEST(Adapter, BeginsSmallAndWithoutBias) {
  const Owned<float> owned{16, 40, Seed{1}};
  double squares = 0;
  for (std::size_t i = 0; i < 16 * 40; ++i) {
    ASSERT_LE(std::abs(owned.parameters[i]), 0.25F);
    squares += static_cast<double>(owned.parameters[i] * owned.parameters[i]);
  }
  EXPECT_NEAR(squares / (16 * 40), 0.25 * 0.25 / 3, 0.003);
  for (std::size_t i = 16 * 40; i < owned.parameters.size(); ++i) ASSERT_EQ(owned.parameters[i], 0.0F);
  EXPECT_EQ(owned.parameters, (Owned<float>{16, 40, Seed{1}}.parameters));
  EXPECT_NE(owned.parameters, (Owned<float>{16, 40, Seed{2}}.parameters));
}

/// The gradients of sum(output * slopes), which is linear in input, weight and bias, by the definition.
template <class T>
void expect_gradients(std::size_t rows, std::size_t in, std::size_t out, double tolerance) {
  Owned<T> owned{in, out};
  const std::vector<T> input = random_numbers<T>(rows * in, 1);
  const std::vector<T> slopes = random_numbers<T>(rows * out, 2);
  std::vector<T> input_gradient(rows * in, T{1});
  owned.adapter.backward(rows, input.data(), slopes.data(), input_gradient.data());
  std::vector<double> of_parameters(owned.parameters.size());
  for (std::size_t r = 0; r < rows; ++r) {
    for (std::size_t i = 0; i < in; ++i) {
      double sum = 1;  // It is added to.
      for (std::size_t o = 0; o < out; ++o) {
        const auto slope = static_cast<double>(slopes[r * out + o]);
        sum += slope * static_cast<double>(owned.parameters[o * in + i]);
        of_parameters[o * in + i] += slope * static_cast<double>(input[r * in + i]);
      }
      ASSERT_NEAR(static_cast<double>(input_gradient[r * in + i]), sum, tolerance * static_cast<double>(out));
    }
    for (std::size_t o = 0; o < out; ++o) of_parameters[in * out + o] += static_cast<double>(slopes[r * out + o]);
  }
  for (std::size_t i = 0; i < of_parameters.size(); ++i) {
    ASSERT_NEAR(static_cast<double>(owned.gradients[i]), of_parameters[i], tolerance * static_cast<double>(rows)) << i;
  }
}

TEST(Adapter, GradientsFollowTheDefinition) {
  expect_gradients<double>(1, 1, 1, 1e-14);
  expect_gradients<double>(7, 3, 5, 1e-14);
  expect_gradients<double>(40, 17, 33, 1e-14);
  expect_gradients<float>(40, 33, 17, 1e-6);
}

TEST(Adapter, ThreadsDoNotChangeIt) {
  const std::vector<double> input = random_numbers<double>(30 * 9, 1);
  const std::vector<double> slopes = random_numbers<double>(30 * 11, 2);
  const auto run = [&](int threads) {
    const int before = thread_count();
    set_thread_count(threads);
    Owned<double> owned{9, 11};
    std::vector<double> result(30 * 11 + 30 * 9);
    owned.adapter.forward(30, input.data(), result.data());
    owned.adapter.backward(30, input.data(), slopes.data(), result.data() + 30 * 11);
    result.insert(result.end(), owned.gradients.begin(), owned.gradients.end());
    set_thread_count(before);
    return result;
  };
  const std::vector<double> one = run(1);
  const std::vector<double> four = run(4);
  ASSERT_EQ(one.size(), four.size());
  for (std::size_t i = 0; i < one.size(); ++i) ASSERT_NEAR(one[i], four[i], 1e-13) << i;
}

TEST(Adapter, TheInputNeedsNoGradient) {
  Owned<double> owned{2, 1};
  const std::vector<double> input{3, 4};
  const double slope = 2;
  owned.adapter.backward(1, input.data(), &slope, nullptr);
  EXPECT_EQ(owned.gradients, (std::vector<double>{6, 8, 2}));
}

}  // namespace
}  // namespace attar::adapter_test
