// SPDX-License-Identifier: MIT
#include <algorithm>

#include <gtest/gtest.h>

#include <attar/model/fold_batch_norm.hpp>
#include <attar/model/zoo.hpp>

namespace attar::zoo_test {
namespace {

template <class A>
bool has_norm() {
  return std::ranges::any_of(A::program.ops, [](const Op& op) { return op.kind == OpKind::batch_norm; });
}

TEST(Zoo, NormsBehindConvolutionsFold) {
  using FoldedDenseNet = fold_batch_norm_t<zoo::DenseNetBc<40, 12>>;
  EXPECT_TRUE(has_norm<zoo::ResNet20<>>());
  EXPECT_FALSE(has_norm<fold_batch_norm_t<zoo::ResNet20<>>>());
  EXPECT_FALSE(has_norm<fold_batch_norm_t<zoo::Vgg8<>>>());
  EXPECT_FALSE(has_norm<fold_batch_norm_t<zoo::MobileNetV2<>>>());
  EXPECT_FALSE(has_norm<fold_batch_norm_t<zoo::EfficientNetLite0<>>>());
  EXPECT_TRUE(has_norm<FoldedDenseNet>()) << "some stand before their convolution";
}

}  // namespace
}  // namespace attar::zoo_test
