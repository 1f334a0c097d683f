// SPDX-License-Identifier: MIT
#include <cmath>

#include <gtest/gtest.h>

#include <attar/backend/eigen.hpp>
#include <attar/model/cost.hpp>
#include <attar/model/quantized_network.hpp>
#include <attar/prune/budget.hpp>

namespace attar::budget_test {
namespace {

using Net =
    Sequential<Input<3, 8, 8>, Conv2d<8, Kernel<3>>, BatchNorm2d, ReLU, SqueezeExcite<4>, GlobalAvgPool, Linear<10>>;

TEST(Budget, CountsWhatTheCostSays) {
  EXPECT_EQ(budget::MultiplyAdds{}.spent(Net::program), static_cast<double>(cost<Net>.multiply_adds));
  EXPECT_EQ(budget::Parameters{}.spent(Net::program), static_cast<double>(cost<Net>.parameters));
  EXPECT_EQ(budget::Bytes{}.spent(Net::program), static_cast<double>(cost<Net>.bytes));
}

TEST(Budget, CountsTheBytesOfTheQuantizedNetwork) {
  static_assert(budget::Int8Bytes::folded);
  EXPECT_EQ(budget::Int8Bytes{}.spent(fold_batch_norm_t<Net>::program),
            static_cast<double>(quantize_t<Net, Int8<>>::bytes));
}

TEST(Budget, MicrosecondsAreMeasured) {
  const Network<fold_batch_norm_t<Net>> network{Seed{1}};
  const double found = budget::MicrosecondsOn<EigenBackend>{.limit = 1, .runs = 2, .each = {.repetitions = 20}}.measure(
      network.program, network.buffer());
  EXPECT_GT(found, 0);
  EXPECT_TRUE(std::isfinite(found));
}

struct NoBudget {
  static constexpr std::string_view unit = "nothing";
  double limit = 0;
};
static_assert(CountedBudget<budget::MultiplyAdds> && CountedBudget<budget::Parameters>);
static_assert(CountedBudget<budget::Bytes> && CountedBudget<budget::Int8Bytes>);
static_assert(MeasuredBudget<budget::Microseconds> && !CountedBudget<budget::Microseconds>);
static_assert(!Budget<NoBudget>);

}  // namespace
}  // namespace attar::budget_test
