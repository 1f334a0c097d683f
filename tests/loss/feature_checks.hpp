// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "../golden/feature_maps.hpp"
#include "feature_case.hpp"
#include <attar/core/parallel.hpp>

namespace attar::test {

template <class T, class From>
std::vector<T> converted(const std::vector<From>& numbers) {
  std::vector<T> result;
  for (const From x : numbers) result.push_back(static_cast<T>(x));
  return result;
}

/// Holds a term against PyTorch: loss, gradient and the gradient of what it learns.
template <class Term, class T>
void expect_golden_maps(std::string_view name, double tolerance) {
  int cases = 0;
  for (const golden::FeatureMaps& g : golden::feature_maps) {
    if (g.term != name) continue;
    ++cases;
    const FeatureCase<T> c{g.batch, g.student_shape, g.teacher_shape, converted<T>(g.student), converted<T>(g.teacher)};
    typename Term::template State<T> state{c.context()};
    ASSERT_EQ(state.parameters().size(), g.parameters.size());
    std::ranges::copy(converted<T>(g.parameters), state.parameters().begin());
    std::vector<T> gradient(c.student.size());
    EXPECT_NEAR(state.add(c.inputs(), gradient), g.loss, tolerance * std::abs(g.loss));
    expect_numbers(std::span<const T>{gradient}, g.gradient, tolerance);
    expect_numbers(state.gradients(), g.parameter_gradient, tolerance);
  }
  EXPECT_GT(cases, 0);
}

/// What every term that compares maps has to keep: gradients of maps are added to, those of parameters overwritten; the
/// weight follows the progress; neither float nor the number of threads changes more than the last digits.
template <template <class...> class Term>
void expect_contract(const FeatureCase<double>& c, double float_tolerance = 1e-5) {
  using Plain = Term<Tap<"a">>;
  static_assert(FeatureTerm<Plain>);
  typename Plain::template State<double> state{c.context()};
  std::vector<double> gradient(c.student.size());
  const double loss = state.add(c.inputs(), gradient);
  const std::vector<double> once = gradient;
  const std::vector<double> own{state.gradients().begin(), state.gradients().end()};
  ASSERT_EQ(own.size(), state.parameters().size());
  EXPECT_EQ(state.add(c.inputs(), gradient), loss);
  for (std::size_t i = 0; i < once.size(); ++i) ASSERT_NEAR(gradient[i], 2 * once[i], 1e-14) << i;
  EXPECT_TRUE(std::ranges::equal(state.gradients(), own));

  FeatureInputs<double> inputs = c.inputs();
  inputs.progress = 0.25;
  typename Term<Tap<"a">, Ramp<Weight<4>, Weight<0>>>::template State<double> ramp{c.context()};
  std::vector<double> triple(c.student.size());
  EXPECT_NEAR(ramp.add(inputs, triple), 3 * loss, 1e-12 * std::abs(loss));
  for (std::size_t i = 0; i < once.size(); ++i) ASSERT_NEAR(triple[i], 3 * once[i], 1e-14) << i;
  for (std::size_t i = 0; i < own.size(); ++i) ASSERT_NEAR(ramp.gradients()[i], 3 * own[i], 1e-13) << i;

  const int threads = thread_count();
  set_thread_count(threads == 1 ? 3 : 1);
  const auto [other_loss, other_gradient] = run_term<Plain>(c);
  set_thread_count(threads);
  EXPECT_NEAR(other_loss, loss, 1e-12 * std::abs(loss));
  expect_numbers(std::span<const double>{other_gradient}, once, 1e-11);

  const auto [float_loss, float_gradient] = run_term<Plain>(FeatureCase<float>{
      c.batch, c.student_shape, c.teacher_shape, converted<float>(c.student), converted<float>(c.teacher)});
  EXPECT_NEAR(float_loss, loss, float_tolerance * std::abs(loss));
  expect_numbers(std::span<const float>{float_gradient}, once, float_tolerance);
}

/// For terms that take each image by itself. `c` has two images.
template <class Term>
void expect_image_weights(FeatureCase<double> c) {
  const double both = run_term<Term>(c).first;
  c.image_weights = {1, 0};
  const auto [first, gradient] = run_term<Term>(c);
  for (std::size_t i = gradient.size() / 2; i < gradient.size(); ++i) ASSERT_EQ(gradient[i], 0);
  c.image_weights = {0, 1};
  EXPECT_NEAR(run_term<Term>(c).first + first, both, 1e-12);
  c.image_weights = {0.5, 2};  // Half and twice of what each alone is.
  EXPECT_NEAR(run_term<Term>(c).first, 0.5 * first + 2 * (both - first), 1e-12);
  expect_feature_gradients<Term>(c);
}

}  // namespace attar::test
