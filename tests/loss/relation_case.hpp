// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "../golden/relations.hpp"
#include "feature_case.hpp"

namespace attar::test {

/// Holds a term that compares images with each other against PyTorch.
template <class Term, class T>
void expect_golden_relations(std::string_view name, double tolerance) {
  int found = 0;
  for (const golden::Relations& g : golden::relations) {
    if (g.term != name) continue;
    ++found;
    const auto [loss, gradient] = run_term<Term>(FeatureCase<T>{.batch = g.batch,
                                                                .student_shape = g.student_shape,
                                                                .teacher_shape = g.teacher_shape,
                                                                .student = {g.student.begin(), g.student.end()},
                                                                .teacher = {g.teacher.begin(), g.teacher.end()}});
    EXPECT_NEAR(loss, g.loss, tolerance * g.loss);
    expect_numbers(std::span{gradient}, g.gradient, tolerance);
  }
  EXPECT_EQ(found, 3);
}
template <class Term>
void expect_golden_relations(std::string_view name) {
  expect_golden_relations<Term, double>(name, 1e-10);
  expect_golden_relations<Term, float>(name, 1e-5);
}

/// Features times `factor` give the same loss, and the gradient divided by it; equal features give none of either, up
/// to `tolerance`.
template <class Term>
void expect_scale_does_not_matter(double tolerance = 1e-14) {
  FeatureCase<double> c = random_case(5, {3, 2, 2}, {7});
  const auto [loss, gradient] = run_term<Term>(c);
  for (double& x : c.student) x *= 4;
  for (double& x : c.teacher) x *= 3;
  const auto [scaled_loss, scaled_gradient] = run_term<Term>(c);
  EXPECT_NEAR(scaled_loss, loss, 1e-13 * loss);
  for (std::size_t i = 0; i < gradient.size(); ++i) ASSERT_NEAR(4 * scaled_gradient[i], gradient[i], 1e-12 * loss) << i;
  c.teacher_shape = c.student_shape;
  c.teacher = c.student;
  for (double& x : c.teacher) x *= 0.3;
  const auto [none, no_gradient] = run_term<Term>(c);
  EXPECT_NEAR(none, 0, 1e-14);
  for (const double x : no_gradient) ASSERT_NEAR(x, 0, tolerance);
}

/// The images' weights count by their mean, and gradients are added.
template <class Term>
void expect_mean_weight_counts() {
  FeatureCase<double> c = random_case(4, {6}, {5});
  const auto [loss, gradient] = run_term<Term>(c);
  c.image_weights = {0, 1, 0.5, 0.1};
  typename Term::template State<double> state{c.context()};
  std::vector<double> sum(c.student.size(), 10.0);
  EXPECT_NEAR(state.add(c.inputs(), sum), 0.4 * loss, 1e-14 * loss);
  for (std::size_t i = 0; i < sum.size(); ++i) ASSERT_NEAR(sum[i], 10 + 0.4 * gradient[i], 1e-13) << i;
}

/// Images without features, and images that are the same, leave all numbers finite.
template <class T, class Term>
void expect_finite_where_images_coincide() {
  const FeatureCase<double> random = random_case(5, {6}, {4});
  FeatureCase<T> c{.batch = 5,
                   .student_shape = {6},
                   .teacher_shape = {4},
                   .student = {random.student.begin(), random.student.end()},
                   .teacher = {random.teacher.begin(), random.teacher.end()}};
  const auto expect_finite = [&] {
    const auto [loss, gradient] = run_term<Term>(c);
    EXPECT_TRUE(std::isfinite(loss));
    double norm = 0;
    for (const T x : gradient) norm += static_cast<double>(x) * static_cast<double>(x);
    EXPECT_LT(norm, 100);
  };
  std::copy_n(c.student.begin(), 6, c.student.begin() + 6);
  std::copy_n(c.teacher.begin() + 4, 4, c.teacher.begin() + 8);
  expect_finite();
  std::fill_n(c.student.begin(), 6, T{0});
  std::fill_n(c.teacher.begin(), 4, T{0});
  expect_finite();
  std::ranges::fill(c.student, T{3});
  expect_finite();
  std::ranges::fill(c.teacher, T{0});
  expect_finite();
}
template <class Term>
void expect_finite_where_images_coincide() {
  expect_finite_where_images_coincide<double, Term>();
  expect_finite_where_images_coincide<float, Term>();
}

}  // namespace attar::test
