// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <gtest/gtest.h>

#include <attar/core/rng.hpp>
#include <attar/loss/features.hpp>

namespace attar::test {

/// Feature maps of student and teacher, for holding a feature term against golden numbers and against itself.
template <class T>
struct FeatureCase {
  std::size_t batch = 0;
  Shape student_shape{};
  Shape teacher_shape{};
  std::vector<T> student{};  ///< NHWC.
  std::vector<T> teacher{};
  std::vector<double> image_weights{};
  std::vector<std::uint32_t> samples{};
  std::vector<std::int32_t> labels{};  ///< Of the whole data set.

  [[nodiscard]] FeatureContext context() const {
    return {.student = student_shape, .teacher = teacher_shape, .batch = batch, .labels = labels, .seed = Seed{5}};
  }
  [[nodiscard]] FeatureInputs<T> inputs() const {
    return {.student = {student.data(), batch, student_shape},
            .teacher = {teacher.data(), batch, teacher_shape},
            .samples = samples,
            .image_weights = image_weights};
  }
};

/// A case of normally distributed numbers.
inline FeatureCase<double> random_case(std::size_t batch, Shape student, Shape teacher, std::uint64_t stream = 0) {
  FeatureCase<double> result{.batch = batch, .student_shape = student, .teacher_shape = teacher};
  Rng rng{Seed{11}, stream};
  for (std::size_t i = 0; i < batch * student.size(); ++i) result.student.push_back(static_cast<double>(rng.normal()));
  for (std::size_t i = 0; i < batch * teacher.size(); ++i) result.teacher.push_back(static_cast<double>(rng.normal()));
  return result;
}

/// Holds numbers against golden ones, relative to the largest.
template <class T>
void expect_numbers(std::span<const T> found, const std::vector<double>& golden, double tolerance) {
  double largest = 0;
  for (const double x : golden) largest = std::max(largest, std::abs(x));
  ASSERT_EQ(found.size(), golden.size());
  for (std::size_t i = 0; i < golden.size(); ++i) {
    ASSERT_NEAR(static_cast<double>(found[i]), golden[i], tolerance * largest) << "number " << i;
  }
}

/// Holds the gradients of the loss with respect to the student's maps and to the term's own parameters against central
/// differences. The state's memory, if it has any, is put back before each evaluation.
template <class Term>
void expect_feature_gradients(FeatureCase<double> c, double step = 1e-5, double tolerance = 1e-7) {
  typename Term::template State<double> state{c.context()};
  const std::vector<double> memory{state.memory().begin(), state.memory().end()};
  const auto evaluate = [&](std::span<double> gradient) {
    std::ranges::copy(memory, state.memory().begin());
    return state.add(c.inputs(), gradient);
  };
  std::vector<double> gradient(c.student.size());
  const double loss = evaluate(gradient);
  ASSERT_TRUE(std::isfinite(loss));
  const std::vector<double> own{state.gradients().begin(), state.gradients().end()};
  ASSERT_EQ(own.size(), state.parameters().size());
  std::vector<double> scratch(c.student.size());
  const auto check = [&](double& number, double found, const char* what, std::size_t i) {
    const double middle = number;
    number = middle + step;
    const double above = evaluate(scratch);
    number = middle - step;
    const double below = evaluate(scratch);
    number = middle;
    ASSERT_NEAR(found, (above - below) / (2 * step), tolerance * (1 + std::abs(loss))) << what << ' ' << i;
  };
  for (std::size_t i = 0; i < c.student.size(); ++i) check(c.student[i], gradient[i], "the student's number", i);
  for (std::size_t i = 0; i < own.size(); ++i) check(state.parameters()[i], own[i], "parameter", i);
}

/// What a term gives for a case with its state fresh.
template <class Term, class T>
std::pair<double, std::vector<T>> run_term(const FeatureCase<T>& c) {
  typename Term::template State<T> state{c.context()};
  std::vector<T> gradient(c.student.size());
  const double loss = state.add(c.inputs(), gradient);
  return {loss, gradient};
}

}  // namespace attar::test
