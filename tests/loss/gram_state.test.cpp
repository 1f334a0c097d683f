// SPDX-License-Identifier: MIT
#include <cstddef>
#include <span>
#include <vector>

#include <gtest/gtest.h>

#include "feature_case.hpp"
#include <attar/core/parallel.hpp>
#include <attar/loss/gram_state.hpp>

namespace attar::gram_state_test {
namespace {

using detail::ImageRows;
using detail::matrix_map;
using detail::PairMatrix;

/// The sum of all products, weighted unevenly: easily differentiated.
double compare_sum(const PairMatrix& student, const PairMatrix& teacher, PairMatrix& slope) {
  slope.resize(student.rows(), student.cols());
  for (Eigen::Index i = 0; i < slope.rows(); ++i) {
    for (Eigen::Index j = 0; j < slope.cols(); ++j) slope(i, j) = static_cast<double>(2 * i * j);
  }
  return 0.5 * slope.cwiseProduct(student).sum() + teacher.trace();
}

struct UnitTerm : FeatureOptions<Tap<"a">, Weight<3>> {
  template <class T>
  using State = detail::GramState<T, FeatureOptions<Tap<"a">, Weight<3>>, detail::UnitRows, compare_sum>;
};

TEST(CentredRows, HaveNoMean) {
  const std::vector<double> features{1, 2, 3, 5, 5, 5};
  detail::CentredRows<double> rows;
  rows.assign(matrix_map(features.data(), 3, 2));
  EXPECT_EQ(rows.rows(), (ImageRows<double>{{-2, -2}, {0, 1}, {2, 1}}));
}

TEST(UnitRows, HaveNormOneOrZero) {
  const std::vector<float> features{3, 4, 0, 0};
  detail::UnitRows<float> rows;
  rows.assign(matrix_map(features.data(), 2, 2));
  EXPECT_TRUE(rows.rows().isApprox(ImageRows<float>{{0.6F, 0.8F}, {0, 0}}));
  ImageRows<float> gradient{{1, 0}, {7, 8}};
  rows.differentiate(gradient);
  EXPECT_TRUE(gradient.isApprox(ImageRows<float>{{0.128F, -0.096F}, {0, 0}}, 1e-5F));
}

TEST(GramState, GradientIsThatOfTheLoss) {
  test::expect_feature_gradients<UnitTerm>(test::random_case(4, {5}, {2}));
}

TEST(GramState, MultipliesStudentAndTeacher) {
  const auto [loss, gradient] = test::run_term<UnitTerm>(test::FeatureCase<double>{
      .batch = 2, .student_shape = {1}, .teacher_shape = {2}, .student = {4, -2}, .teacher = {1, 2, 3, 4}});
  EXPECT_NEAR(loss, 3 * (1 + 2), 1e-14);  // The student's product of the second image with itself, the teacher's two.
}

TEST(GramState, ThreadsDoNotChangeIt) {
  const test::FeatureCase<double> c = test::random_case(7, {5}, {3});
  const int before = thread_count();
  set_thread_count(1);
  const auto [one, gradient_of_one] = test::run_term<UnitTerm>(c);
  set_thread_count(3);
  const auto [three, gradient_of_three] = test::run_term<UnitTerm>(c);
  set_thread_count(before);
  EXPECT_NEAR(three, one, 1e-13);
  test::expect_numbers(std::span{gradient_of_three}, gradient_of_one, 1e-13);
}

TEST(GramState, TakesSmallerBatches) {
  test::FeatureCase<double> c = test::random_case(4, {5}, {3});
  UnitTerm::State<double> state{c.context()};
  std::vector<double> gradient(c.student.size());
  state.add(c.inputs(), gradient);
  c.batch = 2;
  std::vector<double> half(c.student.size());
  const double loss = state.add(c.inputs(), half);
  EXPECT_EQ(loss, test::run_term<UnitTerm>(c).first);
  for (std::size_t i = half.size() / 2; i < half.size(); ++i) EXPECT_EQ(half[i], 0);
}

}  // namespace
}  // namespace attar::gram_state_test
