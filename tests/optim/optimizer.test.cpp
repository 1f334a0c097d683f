// SPDX-License-Identifier: MIT
#include <cstddef>
#include <span>
#include <vector>

#include <gtest/gtest.h>

#include <attar/core/error.hpp>
#include <attar/core/parallel.hpp>
#include <attar/optim/adam.hpp>
#include <attar/optim/optimizer.hpp>
#include <attar/optim/sgd.hpp>

namespace attar::optimizer_test {
namespace {

using namespace attar;

static_assert(Optimizer<Sgd>);
static_assert(Optimizer<Adam>);
static_assert(Optimizer<AdamW>);
static_assert(!Optimizer<int>);

TEST(OptimizerState, HasTheSlotsOfTheOptimizer) {
  EXPECT_EQ(initial_state(Sgd{}, 100).slots.size(), 0U);
  EXPECT_EQ(initial_state(Sgd{.momentum = 0.9}, 100).slots.size(), 100U);
  EXPECT_EQ(initial_state(Adam{}, 100).slots.size(), 200U);
  EXPECT_EQ(initial_state(AdamW{}, 100).steps, 0U);
}

TEST(Optimizer, RefusesGradientsAndStateOfAnotherSize) {
  std::vector<float> parameters(4);
  const std::vector<float> few(3);
  const std::vector<float> gradients(4);
  OptimizerState<float> state = initial_state(Adam{}, 4);
  EXPECT_THROW((Adam{}.step(std::span{parameters}, few, state, 0.1)), Error);
  OptimizerState<float> other = initial_state(Adam{}, 5);
  EXPECT_THROW((Adam{}.step(std::span{parameters}, gradients, other, 0.1)), Error);
  EXPECT_NO_THROW((Adam{}.step(std::span{parameters}, gradients, state, 0.1)));
  EXPECT_EQ(state.steps, 1U);
}

/// For each element, how often it was visited and whether it decayed.
std::vector<int> pieces(std::size_t size, std::span<const ParameterRange> ranges) {
  std::vector<int> visits(size);
  detail::for_each_piece(size, ranges, [&](std::size_t begin, std::size_t end, bool decays) {
    for (std::size_t i = begin; i < end; ++i) visits[i] += decays ? 10 : 1;
  });
  return visits;
}

TEST(Pieces, CoverEachElementOnceAndKnowWhichDecay) {
  const int threads = thread_count();
  for (const int count : {1, 2, 3, 7}) {
    set_thread_count(count);
    const std::vector<ParameterRange> ranges{{0, 2}, {3, 3}, {5, 6}, {8, 20}};
    EXPECT_EQ(pieces(11, ranges), (std::vector<int>{10, 10, 1, 1, 1, 10, 1, 1, 10, 10, 10}));
    EXPECT_EQ(pieces(3, {}), (std::vector<int>{1, 1, 1}));
    EXPECT_EQ(pieces(0, ranges), std::vector<int>{});
  }
  set_thread_count(threads);
}

template <class O>
std::vector<float> many_steps(const O& optimizer, int threads) {
  const int before = thread_count();
  set_thread_count(threads);
  constexpr std::size_t size = 1003;
  std::vector<float> parameters(size);
  std::vector<float> gradients(size);
  for (std::size_t i = 0; i < size; ++i) {
    parameters[i] = static_cast<float>(i % 17) - 8.0F;
    gradients[i] = static_cast<float>(i % 23) - 11.0F;
  }
  OptimizerState<float> state = initial_state(optimizer, size);
  const std::vector<ParameterRange> weights{{16, 100}, {500, 777}};
  for (int step = 0; step < 5; ++step) optimizer.step(std::span{parameters}, gradients, state, 0.01, weights);
  set_thread_count(before);
  return parameters;
}

TEST(Optimizer, TheResultDoesNotDependOnTheNumberOfThreads) {
  const Sgd sgd{.momentum = 0.9, .nesterov = true, .weight_decay = 0.1, .decay_norms_and_biases = false};
  EXPECT_EQ(many_steps(sgd, 1), many_steps(sgd, 3));
  const AdamW adam{.weight_decay = 0.1, .decay_norms_and_biases = false};
  EXPECT_EQ(many_steps(adam, 1), many_steps(adam, 3));
}

// The same numbers in the same places of a later run: the state is all that an optimizer remembers.
TEST(Optimizer, AStateThatWasCopiedGoesOnAsTheOriginal) {
  const AdamW optimizer{};
  std::vector<float> parameters{1, 2, 3};
  const std::vector<float> gradients{1, -1, 2};
  OptimizerState<float> state = initial_state(optimizer, 3);
  optimizer.step(std::span{parameters}, gradients, state, 0.1);
  std::vector<float> copy = parameters;
  OptimizerState<float> copied = state;
  optimizer.step(std::span{parameters}, gradients, state, 0.1);
  optimizer.step(std::span{copy}, gradients, copied, 0.1);
  EXPECT_EQ(copy, parameters);
}

}  // namespace
}  // namespace attar::optimizer_test
