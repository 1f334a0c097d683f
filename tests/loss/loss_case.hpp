// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "../golden/losses.hpp"
#include <attar/loss/objective.hpp>

namespace attar_test {

/// What a term returned and the gradient that it added.
template <class T>
struct Result {
  double loss;
  std::vector<T> gradient;
};

/// A batch that owns its numbers, with one teacher.
template <class T>
struct Case {
  explicit Case(const golden::LossCase& golden)
      : batch{golden.batch},
        classes{golden.classes},
        student(golden.student.begin(), golden.student.end()),
        teacher(golden.teacher.begin(), golden.teacher.end()),
        labels{golden.labels} {}

  template <class Term>
  Result<T> run(const Term& term = {}) const {
    const attar::LogitsView<T> teachers[]{{teacher.data(), batch, classes}};
    Result<T> result{0.0, std::vector<T>(student.size())};
    result.loss =
        term.add(attar::LossInputs<T>{{student.data(), batch, classes}, labels, teachers}, std::span{result.gradient});
    return result;
  }

  std::size_t batch;
  std::size_t classes;
  std::vector<T> student;
  std::vector<T> teacher;
  std::vector<std::int32_t> labels;
};

/// Holds a result against PyTorch's, relative to the largest number of the gradient.
template <class T>
void expect_golden(const Result<T>& found, const golden::Loss& golden, double tolerance) {
  EXPECT_NEAR(found.loss, golden.value, tolerance * std::abs(golden.value));
  double largest = 0.0;
  for (const double x : golden.gradient) largest = std::max(largest, std::abs(x));
  ASSERT_EQ(found.gradient.size(), golden.gradient.size());
  for (std::size_t i = 0; i < golden.gradient.size(); ++i) {
    EXPECT_NEAR(static_cast<double>(found.gradient[i]), golden.gradient[i], tolerance * largest) << "number " << i;
  }
}

/// Holds the gradient against central differences of the loss.
template <class Term>
void expect_gradient_of_loss(const golden::LossCase& golden) {
  Case<double> c{golden};
  const auto [loss, gradient] = c.run<Term>();
  constexpr double step = 1e-5;
  const double tolerance = 1e-8 * (1.0 + loss);  // The difference of two losses is rounded as they are.
  for (std::size_t i = 0; i < c.student.size(); ++i) {
    const double middle = c.student[i];
    c.student[i] = middle + step;
    const double above = c.run<Term>().loss;
    c.student[i] = middle - step;
    const double below = c.run<Term>().loss;
    c.student[i] = middle;
    EXPECT_NEAR(gradient[i], (above - below) / (2 * step), tolerance) << "number " << i;
  }
}

/// The gradient of a softmax does not change when the same number is added to all logits of an image.
template <class Term>
void expect_rows_sum_to_zero(const golden::LossCase& golden) {
  const Case<double> c{golden};
  const std::vector<double> gradient = c.run<Term>().gradient;
  for (std::size_t image = 0; image < c.batch; ++image) {
    double sum = 0.0;
    for (std::size_t k = 0; k < c.classes; ++k) sum += gradient[image * c.classes + k];
    EXPECT_NEAR(sum, 0.0, 1e-14);
  }
}

}  // namespace attar_test
