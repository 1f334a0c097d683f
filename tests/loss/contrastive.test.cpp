// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <span>
#include <vector>

#include <gtest/gtest.h>

#include "feature_case.hpp"
#include <attar/core/error.hpp>
#include <attar/core/rng.hpp>
#include <attar/loss/contrastive.hpp>

namespace attar::contrastive_test {
namespace {

using Small = Contrastive<Tap<"pooled">, Features<4>, Negatives<5>>;

test::FeatureCase<double> small_case() {
  test::FeatureCase<double> c = test::random_case(3, {5}, {2, 2, 2});
  c.samples = {7, 0, 4};
  c.labels = {0, 1, 2, 0, 1, 2, 0, 1, 2, 0};
  return c;
}

TEST(Contrastive, GradientIsThatOfTheLoss) {
  test::FeatureCase<double> c = small_case();
  c.image_weights = {1, 0.5, 0.2};
  Contrastive<Tap<"pooled">, Weight<8, 10>, Features<4>, Negatives<5>>::State<double> state{c.context()};
  std::vector<double> gradient(c.student.size());
  state.add(c.inputs(), gradient);  // The first step sets the level of the scores, which is a constant from then on.
  const std::vector<double> memory{state.memory().begin(), state.memory().end()};
  const auto evaluate = [&] {
    std::ranges::copy(memory, state.memory().begin());
    std::ranges::fill(gradient, 0);
    return state.add(c.inputs(), gradient);
  };
  evaluate();
  const std::vector<double> found = gradient;
  const std::vector<double> own{state.gradients().begin(), state.gradients().end()};
  const auto check = [&](double& number, double slope) {
    const double middle = number;
    number = middle + 1e-5;
    const double above = evaluate();
    number = middle - 1e-5;
    const double below = evaluate();
    number = middle;
    ASSERT_NEAR(slope, (above - below) / 2e-5, 1e-6);
  };
  for (std::size_t i = 0; i < c.student.size(); ++i) check(c.student[i], found[i]);
  ASSERT_EQ(own.size(), 4 * (5 + 1) + 4 * (8 + 1));
  ASSERT_EQ(state.parameters().size(), own.size());
  for (std::size_t i = 0; i < own.size(); ++i) check(state.parameters()[i], own[i]);
}

TEST(Contrastive, FollowsTheWeightsOfTheImages) {
  test::FeatureCase<double> c = small_case();
  const double all = test::run_term<Small>(c).first;
  double sum = 0;
  for (const std::vector<double>& weights : {std::vector<double>{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}) {
    c.image_weights = weights;
    const auto [loss, gradient] = test::run_term<Small>(c);
    for (std::size_t i = 0; i < gradient.size(); ++i) {
      ASSERT_EQ(gradient[i] != 0, weights[i / 5] != 0) << i;
    }
    sum += loss;
  }
  EXPECT_NEAR(sum, all, 1e-12 * all);
}

TEST(Contrastive, IsLearned) {
  test::FeatureCase<double> c = test::random_case(8, {6}, {6});
  c.labels = {0, 1, 2, 3, 0, 1, 2, 3};
  c.samples = {0, 1, 2, 3, 4, 5, 6, 7};
  Small::State<double> state{c.context()};
  std::vector<double> losses;
  for (int step = 0; step < 200; ++step) {
    std::vector<double> gradient(c.student.size());
    FeatureInputs<double> inputs = c.inputs();
    inputs.progress = step / 200.0;
    losses.push_back(state.add(inputs, gradient));
    for (std::size_t i = 0; i < gradient.size(); ++i) c.student[i] -= 0.05 * gradient[i];
    for (std::size_t i = 0; i < state.parameters().size(); ++i) state.parameters()[i] -= 0.05 * state.gradients()[i];
  }
  EXPECT_LT(losses.back(), 0.2 * losses.front());
}

TEST(Contrastive, GoesOnFromItsParametersAndMemory) {
  const test::FeatureCase<double> c = small_case();
  const auto step = [&](Small::State<double>& state, double progress) {
    std::vector<double> gradient(c.student.size());
    FeatureInputs<double> inputs = c.inputs();
    inputs.progress = progress;
    gradient.push_back(state.add(inputs, gradient));
    return gradient;
  };
  Small::State<double> state{c.context()};
  step(state, 0);
  step(state, 0.25);
  Small::State<double> resumed{c.context()};
  step(resumed, 0.125);  // Something else that it is to forget.
  std::ranges::copy(state.parameters(), resumed.parameters().begin());
  std::ranges::copy(state.memory(), resumed.memory().begin());
  const std::vector<double> expected = step(state, 0.5);
  EXPECT_EQ(step(resumed, 0.5), expected);
  EXPECT_NE(step(resumed, 0.75).back(), expected.back());  // Other images are drawn.
}

TEST(Contrastive, RemembersWhatItSaw) {
  const test::FeatureCase<double> c = small_case();
  Small::State<double> state{c.context()};
  const std::vector<double> before{state.memory().begin(), state.memory().end()};
  std::vector<double> gradient(c.student.size());
  state.add(c.inputs(), gradient);
  std::set<std::size_t> changed;
  for (std::size_t i = 0; i < 2 * 10 * 4; ++i) {
    if (state.memory()[i] != before[i]) changed.insert(i / 4);
  }
  EXPECT_EQ(changed, (std::set<std::size_t>{0, 4, 7, 10, 14, 17}));
  EXPECT_GT(state.memory()[2 * 10 * 4], 0);
  EXPECT_GT(state.memory()[2 * 10 * 4 + 1], 0);
}

TEST(Contrastive, TakesItsOptionsInAnyOrder) {
  using Term = Contrastive<Negatives<7>, Tap<"a">, Weight<8, 10>, Features<3>, Tap<"b">>;
  static_assert(FeatureTerm<Term>);
  static_assert(Term::negatives == 7 && Term::features == 3 && Term::weight(0) == 0.8);
  static_assert(Term::StudentTap::where == "a" && Term::TeacherTap::where == "b");
  static_assert(Contrastive<Tap<"a">>::negatives == 256 && Contrastive<Tap<"a">>::features == 128);
  static_assert(!Contrastive<Tap<"a">, Weight<0>>::needs_teacher);
  EXPECT_EQ(Term::check({3, 8, 8}, {5}), FeatureFault::none);
}

TEST(NegativeSampler, DrawsEvenlyFromOtherClasses) {
  const std::vector<std::int32_t> labels{3, 0, 5, 0, 3, 3, 5};  // There are no images of some classes.
  const detail::NegativeSampler sampler{labels};
  for (const std::uint32_t sample : {0U, 1U, 2U}) {
    std::map<std::uint32_t, int> counts;
    Rng rng{Seed{2}, sample};
    for (int i = 0; i < 6000; ++i) ++counts[sampler.draw(sample, rng)];
    std::size_t others = 0;
    for (std::uint32_t other = 0; other < labels.size(); ++other) {
      if (labels[other] == labels[sample]) continue;
      ++others;
      EXPECT_TRUE(counts.contains(other)) << other;
    }
    EXPECT_EQ(counts.size(), others);
    for (const auto& [other, count] : counts) EXPECT_NEAR(count, 6000.0 / static_cast<double>(others), 200) << other;
  }
}

TEST(NegativeSampler, NeedsTwoClasses) {
  const auto code_of = [](const std::vector<std::int32_t>& labels) {
    try {
      const detail::NegativeSampler sampler{labels};
    } catch (const Error& error) {
      return error.code();
    }
    return ErrorCode::interrupted;
  };
  EXPECT_EQ(code_of({}), ErrorCode::invalid_data);
  EXPECT_EQ(code_of({4, 4, 4}), ErrorCode::invalid_data);
}

}  // namespace
}  // namespace attar::contrastive_test
