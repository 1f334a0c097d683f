// SPDX-License-Identifier: MIT
#include <cmath>
#include <cstddef>
#include <limits>
#include <span>
#include <vector>

#include <gtest/gtest.h>

#include "../golden/optimizers.hpp"
#include <attar/core/parallel.hpp>
#include <attar/optim/clip.hpp>

namespace attar::clip_test {
namespace {

using namespace attar;

std::vector<double> gradients_of_golden() {
  std::vector<double> gradients;
  for (int i = 0; i < 12; ++i) gradients.push_back(3.0 * std::cos(i));
  return gradients;
}

TEST(ClipGradientNorm, AgreesWithPyTorch) {
  std::vector<double> gradients = gradients_of_golden();
  EXPECT_NEAR(clip_gradient_norm(std::span{gradients}, 2.0), golden::norm, 1e-12);
  for (std::size_t i = 0; i < gradients.size(); ++i) EXPECT_NEAR(gradients[i], golden::clipped[i], 1e-12);
}

TEST(ClipGradientNorm, LeavesSmallGradientsAlone) {
  std::vector<double> gradients = gradients_of_golden();
  clip_gradient_norm(std::span{gradients}, 10.0);
  EXPECT_EQ(gradients, gradients_of_golden());
}

TEST(ClipGradientNorm, ReportsANonFiniteNormAndTouchesNothing) {
  for (const float bad : {std::numeric_limits<float>::infinity(), std::numeric_limits<float>::quiet_NaN()}) {
    std::vector<float> gradients{5.0F, bad, 1.0F};
    EXPECT_FALSE(std::isfinite(clip_gradient_norm(std::span{gradients}, 1.0)));
    EXPECT_EQ(gradients[0], 5.0F);
    EXPECT_EQ(gradients[2], 1.0F);
  }
}

TEST(GlobalNorm, CountsEveryElementOnce) {
  for (const std::size_t size : {0U, 1U, 7U, 63U, 64U, 65U, 1000U, 4097U}) {
    EXPECT_EQ(global_norm(std::span<const float>{std::vector<float>(size, 2.0F)}),
              2.0 * std::sqrt(static_cast<double>(size)));
  }
}

TEST(GlobalNorm, DoesNotOverflowInFloat) {
  EXPECT_NEAR(global_norm(std::span<const float>{std::vector<float>{3e30F, 4e30F}}), 5e30, 1e24);
}

TEST(GlobalNorm, DoesNotDependOnTheNumberOfThreads) {
  std::vector<float> numbers(10'001);
  for (std::size_t i = 0; i < numbers.size(); ++i) numbers[i] = std::sin(static_cast<float>(i));
  const int threads = thread_count();
  set_thread_count(1);
  const double alone = global_norm(std::span<const float>{numbers});
  set_thread_count(3);
  const double together = global_norm(std::span<const float>{numbers});
  set_thread_count(threads);
  EXPECT_EQ(alone, together);
}

}  // namespace
}  // namespace attar::clip_test
