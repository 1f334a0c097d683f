// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <gtest/gtest.h>

#include "../golden/relations.hpp"
#include "feature_case.hpp"
#include <attar/core/parallel.hpp>
#include <attar/core/rng.hpp>
#include <attar/loss/contrast_memory.hpp>

namespace attar::contrast_memory_test {
namespace {

using detail::ContrastMemory;
using detail::ImageRows;

template <class T>
ImageRows<T> rows_of(const std::vector<double>& numbers, std::size_t batch) {
  return detail::matrix_map(numbers.data(), batch, numbers.size() / batch).template cast<T>();
}

template <class T>
std::span<const T> numbers_of(const ImageRows<T>& rows) {
  return {rows.data(), static_cast<std::size_t>(rows.size())};
}

/// The samples of the images themselves, which come first among the drawn.
std::vector<std::uint32_t> own_samples(const golden::ContrastStep& step, std::size_t batch) {
  std::vector<std::uint32_t> result;
  for (std::size_t i = 0; i < batch; ++i) result.push_back(step.drawn[i * (step.drawn.size() / batch)]);
  return result;
}

template <class T>
void expect_golden(double tolerance) {
  for (const golden::Contrast& g : golden::contrasts) {
    ContrastMemory<T> memory{g.samples, g.features, Rng{Seed{1}}};
    std::ranges::transform(g.banks, memory.numbers().begin(), [](double x) { return static_cast<T>(x); });
    for (const golden::ContrastStep& step : g.steps) {
      const ImageRows<T> student = rows_of<T>(step.student, g.batch);
      const ImageRows<T> teacher = rows_of<T>(step.teacher, g.batch);
      ImageRows<T> student_gradient, teacher_gradient;
      const double loss =
          memory.contrast({student, student_gradient}, {teacher, teacher_gradient}, step.drawn, step.weights);
      EXPECT_NEAR(loss, step.loss, tolerance * step.loss);
      test::expect_numbers(numbers_of(student_gradient), step.student_gradient, tolerance);
      test::expect_numbers(numbers_of(teacher_gradient), step.teacher_gradient, tolerance);
      memory.remember(student, teacher, own_samples(step, g.batch));
    }
    test::expect_numbers<T>(memory.numbers().first(g.banks.size()), g.banks_after, tolerance);
  }
}

TEST(ContrastMemory, AgreesWithPyTorch) {
  expect_golden<double>(1e-10);
  expect_golden<float>(1e-5);
}

TEST(ContrastMemory, BeginsWithVectorsOfNormOne) {
  ContrastMemory<float> memory{200, 48, Rng{Seed{1}}};
  const std::span<float> numbers = memory.numbers();
  ASSERT_EQ(numbers.size(), 2 * 200 * 48 + 2);
  double squares = 0;
  for (const float x : numbers) squares += static_cast<double>(x * x);
  EXPECT_NEAR(squares / 400, 1, 0.02);
  EXPECT_EQ(numbers[2 * 200 * 48], 0.0F);
  EXPECT_EQ(numbers[2 * 200 * 48 + 1], 0.0F);
}

TEST(ContrastMemory, ThreadsDoNotChangeIt) {
  const golden::Contrast& g = golden::contrasts.back();
  const auto run = [&](int threads) {
    const int before = thread_count();
    set_thread_count(threads);
    ContrastMemory<double> memory{g.samples, g.features, Rng{Seed{1}}};
    const ImageRows<double> student = rows_of<double>(g.steps[0].student, g.batch);
    const ImageRows<double> teacher = rows_of<double>(g.steps[0].teacher, g.batch);
    ImageRows<double> student_gradient, teacher_gradient;
    const double loss =
        memory.contrast({student, student_gradient}, {teacher, teacher_gradient}, g.steps[0].drawn, g.steps[0].weights);
    set_thread_count(before);
    std::vector<double> result{loss};
    result.insert(result.end(), student_gradient.data(), student_gradient.data() + student_gradient.size());
    return result;
  };
  EXPECT_EQ(run(1), run(4));
}

TEST(ContrastMemory, ExtremeScoresStayFinite) {
  ContrastMemory<float> memory{3, 1, Rng{Seed{1}}};
  std::ranges::copy(std::vector<float>{1, -1, 1, 1, -1, 1, 1e-6F, 1e6F}, memory.numbers().begin());
  const ImageRows<float> embeddings = ImageRows<float>::Constant(1, 1, -1);
  ImageRows<float> student_gradient, teacher_gradient;
  const std::vector<std::uint32_t> drawn{0, 1, 2};
  const std::vector<double> shares{1};
  EXPECT_TRUE(
      std::isfinite(memory.contrast({embeddings, student_gradient}, {embeddings, teacher_gradient}, drawn, shares)));
  EXPECT_TRUE(std::isfinite(student_gradient(0, 0)) && std::isfinite(teacher_gradient(0, 0)));
}

}  // namespace
}  // namespace attar::contrast_memory_test
