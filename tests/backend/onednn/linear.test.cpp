// SPDX-License-Identifier: MIT
#include "operation_run.hpp"
#include <attar/backend/onednn/linear.hpp>
#include <attar/core/dtype.hpp>

namespace attar::test::linear_test {
namespace {

template <int Features, class Layer>
using Inner = Sequential<Input<Features, 1, 1>, ReLU, Layer>;

template <class A>
void expect_exact_in_both_precisions() {
  for (const int batch : {1, 5, 32}) {
    expect_exact<A, float>(batch);
    expect_exact<A, bf16>(batch);
  }
}

TEST(OneDnnLinear, Plain) {
  expect_exact_in_both_precisions<Inner<64, Linear<10>>>();
}
TEST(OneDnnLinear, NoBias) {
  expect_exact_in_both_precisions<Inner<32, Linear<16, NoBias>>>();
}
TEST(OneDnnLinear, OddSizes) {
  expect_exact_in_both_precisions<Inner<7, Linear<3>>>();
}
TEST(OneDnnLinear, OneFeature) {
  expect_exact_in_both_precisions<Inner<1, Linear<1>>>();
}
TEST(OneDnnLinear, FirstLayer) {
  expect_exact_in_both_precisions<Sequential<Input<20, 1, 1>, Linear<4>>>();
}

}  // namespace
}  // namespace attar::test::linear_test
