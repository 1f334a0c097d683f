// SPDX-License-Identifier: MIT
#include <algorithm>
#include <type_traits>

#include <gtest/gtest.h>

#include <attar/backend/operation.hpp>

namespace attar::operation_test {
namespace {

TEST(OperationArguments, WantNothingByDefault) {
  const OperationArguments<float, float> arguments;
  const auto is_null = [](const void* pointer) { return pointer == nullptr; };
  EXPECT_TRUE(std::ranges::all_of(arguments.inputs, is_null));
  EXPECT_TRUE(std::ranges::all_of(arguments.input_gradients, is_null));
  EXPECT_TRUE(std::ranges::none_of(arguments.accumulate, [](bool flag) { return flag; }));
  EXPECT_EQ(arguments.residual, nullptr);
  EXPECT_EQ(arguments.second_output_gradient, nullptr);
  EXPECT_EQ(arguments.residual_gradient, nullptr);
  EXPECT_FALSE(arguments.accumulate_residual);
}

TEST(Operation, IsOwnedByPointerAndDestroyedThroughIt) {
  static_assert(!std::is_copy_constructible_v<Operation<float, float>>);
  static_assert(!std::is_move_constructible_v<Operation<float, float>>);
  struct Counted final : Operation<float, float> {
    explicit Counted(int& count) : count_{&count} {}
    ~Counted() override { ++*count_; }
    void forward(const Arguments&) override {}
    void backward(const Arguments&) override {}
    int* count_;
  };
  int destroyed = 0;
  {
    const OperationPointer<float, float> operation = std::make_unique<Counted>(destroyed);
  }
  EXPECT_EQ(destroyed, 1);
}

}  // namespace
}  // namespace attar::operation_test
