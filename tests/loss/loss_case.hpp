// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "../golden/losses.hpp"
#include <attar/loss/objective.hpp>
#include <attar/loss/options.hpp>

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
        term.add(attar::LossInputs<T>{{student.data(), batch, classes}, labels, teachers, image_weights, progress},
                 std::span{result.gradient});
    return result;
  }

  std::size_t batch;
  std::size_t classes;
  std::vector<T> student;
  std::vector<T> teacher;
  std::vector<std::int32_t> labels;
  std::vector<double> image_weights{};
  double progress = 0.0;
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

/// Adding the same number to all logits of an image changes nothing, so its gradient sums to zero. `tolerance` is for a
/// gradient of about 1.
template <class Term>
void expect_rows_sum_to_zero(const golden::LossCase& golden, double tolerance = 1e-14) {
  const Case<double> c{golden};
  const std::vector<double> gradient = c.run<Term>().gradient;
  for (std::size_t image = 0; image < c.batch; ++image) {
    double sum = 0.0;
    for (std::size_t k = 0; k < c.classes; ++k) sum += gradient[image * c.classes + k];
    EXPECT_NEAR(sum, 0.0, tolerance);
  }
}

/// Holds that a weight of 3/4 gives 3/4 of the loss and of the gradient; and that a ramp from 1 to 1/2 does half-way.
template <template <class...> class Term, class... Options>
void expect_weight_scales(const golden::LossCase& golden) {
  using attar::Ramp;
  using attar::Weight;
  Case<double> c{golden};
  const auto whole = c.run<Term<Options...>>();
  const auto part = c.run<Term<Options..., Weight<3, 4>>>();
  c.progress = 0.5;
  const auto half_way = c.run<Term<Options..., Ramp<Weight<1>, Weight<1, 2>>>>();
  EXPECT_DOUBLE_EQ(part.loss, 0.75 * whole.loss);
  EXPECT_DOUBLE_EQ(half_way.loss, part.loss);
  for (std::size_t i = 0; i < whole.gradient.size(); ++i) {
    EXPECT_NEAR(part.gradient[i], 0.75 * whole.gradient[i], 1e-14 * (1 + std::abs(whole.gradient[i])));
    EXPECT_EQ(half_way.gradient[i], part.gradient[i]);
  }
}

/// Holds that a ramp of temperatures from 2 to 8 is the temperature 2 at first, 5 half-way and 8 at last.
template <template <class...> class Term>
void expect_temperature_ramps(const golden::LossCase& golden) {
  using attar::Ramp;
  using attar::Temperature;
  using Ramped = Term<Ramp<Temperature<2>, Temperature<8>>>;
  EXPECT_EQ(Ramped::temperature(0.5), 5.0);
  Case<double> c{golden};
  const auto expect_same = [&](const Result<double>& expected, double progress) {
    c.progress = progress;
    const auto found = c.run<Ramped>();
    EXPECT_EQ(found.loss, expected.loss);
    EXPECT_EQ(found.gradient, expected.gradient);
  };
  expect_same(c.run<Term<Temperature<2>>>(), 0.0);
  expect_same(c.run<Term<Temperature<5>>>(), 0.5);
  expect_same(c.run<Term<Temperature<8>>>(), 1.0);
}

/// Holds that each image counts as its weight says: what the images give alone adds up, and an image that counts
/// nothing has no gradient.
template <class Term>
void expect_images_are_weighted(const golden::LossCase& golden) {
  Case<double> c{golden};
  double sum = 0.0;
  std::vector<double> gradient(c.student.size());
  for (std::size_t image = 0; image < c.batch; ++image) {
    c.image_weights.assign(c.batch, 0.0);
    c.image_weights[image] = 1.0 + static_cast<double>(image);
    const auto alone = c.run<Term>();
    sum += alone.loss;
    for (std::size_t i = 0; i < gradient.size(); ++i) {
      if (i / c.classes != image) {
        EXPECT_EQ(alone.gradient[i], 0.0);
      }
      gradient[i] += alone.gradient[i];
    }
  }
  for (std::size_t image = 0; image < c.batch; ++image) c.image_weights[image] = 1.0 + static_cast<double>(image);
  const auto together = c.run<Term>();
  EXPECT_NEAR(together.loss, sum, 1e-13 * (1 + sum));
  EXPECT_EQ(together.gradient, gradient);
}

/// Holds that at high temperatures the gradient does not depend on the temperature. `Hot` and `Hotter` are at 10000 and
/// 20000.
template <class Hot, class Hotter>
void expect_hot_limit(const golden::LossCase& golden) {
  const Case<double> c{golden};
  const auto hot = c.run<Hot>().gradient;
  const auto hotter = c.run<Hotter>().gradient;
  double largest = 0.0;
  for (const double x : hot) largest = std::max(largest, std::abs(x));
  EXPECT_GT(largest, 1e-4);
  for (std::size_t i = 0; i < hot.size(); ++i) EXPECT_NEAR(hot[i], hotter[i], 1e-2 * largest);
}

/// Holds that a weight of zero needs no teacher and does nothing, and that a ramp which starts or ends at zero does.
template <template <class...> class Term>
void expect_weight_zero_does_nothing(const golden::LossCase& golden) {
  using attar::Ramp;
  using attar::Weight;
  EXPECT_TRUE(Term<>::needs_teacher);
  EXPECT_FALSE(Term<Weight<0>>::needs_teacher);
  EXPECT_FALSE((Term<Ramp<Weight<0>, Weight<0>>>::needs_teacher));
  EXPECT_TRUE((Term<Ramp<Weight<0>, Weight<1>>>::needs_teacher));
  EXPECT_TRUE((Term<Ramp<Weight<1>, Weight<0>>>::needs_teacher));
  std::vector<double> gradient(golden.student.size());
  attar::LossInputs<double> nothing{};  // Weight zero does not even look at it.
  EXPECT_EQ(Term<Weight<0>>{}.add(nothing, std::span{gradient}), 0.0);
  EXPECT_EQ(gradient, std::vector<double>(gradient.size()));
}

/// Holds that NaN or infinity in any logit of student or teacher can be seen in the loss.
template <class Term>
void expect_bad_logits_show(const golden::LossCase& golden) {
  for (const float bad : {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
    for (std::size_t i = 0; i < golden.student.size(); ++i) {
      Case<float> c{golden};
      c.student[i] = bad;
      EXPECT_FALSE(std::isfinite(c.run<Term>().loss)) << bad << " in the student's number " << i;
      c = Case<float>{golden};
      c.teacher[i] = bad;
      EXPECT_FALSE(std::isfinite(c.run<Term>().loss)) << bad << " in the teacher's number " << i;
    }
  }
}

}  // namespace attar_test
