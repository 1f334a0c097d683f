// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include "../../support/small_networks.hpp"
#include <attar/backend/aware/operations.hpp>
#include <attar/backend/reference.hpp>
#include <attar/model/quantization_aware.hpp>

namespace attar::detail::operations_test {
namespace {

template <class A>
void expect_kinds() {
  using Aware = quantization_aware_t<A, Int8<>, LearnedStep>;
  FusedProgram fused = fuse(Aware::program, FuseFor::inference);
  AwareShared shared{Aware::program, fused, 2};
  for (const Op& op : fused.ops) {
    const auto operation = prepare_aware({op, Aware::program, 2}, shared, Reference<float>::prepare<float>);
    const auto is = [&]<class Kernel>(const Kernel*) {
      return dynamic_cast<const Kernel*>(operation.get()) != nullptr;
    };
    constexpr const AwareProduct* product = nullptr;
    constexpr const AwareActivation* activation = nullptr;
    constexpr const AwareScale* scale = nullptr;
    EXPECT_EQ(is(product), op.kind == OpKind::conv2d || op.kind == OpKind::linear);
    EXPECT_EQ(is(activation), op.kind == OpKind::activation);
    EXPECT_EQ(is(scale), op.kind == OpKind::scale);
  }
}

TEST(AwareOperations, ArePreparedByKind) {
  expect_kinds<test::MobileNetV3Like>();
  expect_kinds<test::DenseNetLike>();
}

}  // namespace
}  // namespace attar::detail::operations_test
