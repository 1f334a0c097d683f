// SPDX-License-Identifier: MIT
#include <algorithm>
#include <array>
#include <cstddef>
#include <vector>

#include <gtest/gtest.h>

#include <attar/backend/mixed_program.hpp>
#include <attar/layers/program_builder.hpp>

namespace attar::detail::mixed_program_test {
namespace {

using enum LayerPrecision;

/// Values that several layers read, and images that two layers read:
///
///     1 = conv(0)   2 = pool(1)   3 = conv(2)   4 = conv(2)   5 = conv(0)   6 = pool(5)   7 = concat(3, 4, 6)
class Forked {
 public:
  Forked() {
    const int pooled = pool(convolution(0));
    const int left = convolution(pooled);
    const int right = convolution(pooled);
    const int other = pool(convolution(0));
    builder_.begin_layer("Concat", left);
    const int joined = builder_.append({.kind = OpKind::concat}, {left, right, other}, {12, 4, 4});
    program_ = {builder_.ops, builder_.values, builder_.parameters, builder_.rows, joined, 0, 0, 1};
  }

  /// With precisions of the convolutions.
  [[nodiscard]] MixedProgram mixed(const std::array<LayerPrecision, 4>& convolutions) const {
    std::vector<LayerPrecision> rows;
    std::size_t at = 0;
    for (const LayerRow& row : program_.rows) rows.push_back(row.name == "Conv2d" ? convolutions[at++] : int8);
    return MixedProgramBuilder{program_, rows}.build();
  }

 private:
  int convolution(int value) {
    builder_.begin_layer("Conv2d", value);
    Op op{.kind = OpKind::conv2d, .window = {.kernel = {3, 3}, .padding = {1, 1}}};
    const Shape in = builder_.shape(value);
    op.weight = builder_.parameter("weight", Role::weight, {4, in.channels, 3, 3}, 4);
    return builder_.append(op, {value}, {4, in.height, in.width});
  }
  int pool(int value) {
    builder_.begin_layer("MaxPool2d", value);
    const Window window{.kernel = {2, 2}, .stride = {2, 2}};
    return builder_.append({.kind = OpKind::max_pool, .window = window}, {value}, {4, 4, 4});
  }

  ProgramBuilder builder_{Shape{3, 8, 8}};
  Program program_;
};

auto conversions(const MixedProgram& mixed) {
  return std::ranges::count(mixed.converts, true);
}
LayerPrecision format(const MixedProgram& mixed, std::size_t value) {
  return mixed.values[value].format;
}

TEST(MixedProgram, ConvertsAValueOnceForAllItsReaders) {
  const Forked network;
  EXPECT_EQ(conversions(network.mixed({int8, int8, int8, int8})), 0);
  EXPECT_EQ(conversions(network.mixed({fp32, fp32, fp32, fp32})), 0);
  EXPECT_EQ(conversions(network.mixed({fp32, int8, fp32, fp32})), 2);
  // The pooled value once for two readers; both of their results for the concatenation.
  EXPECT_EQ(conversions(network.mixed({fp32, int8, int8, fp32})), 3);
  // The pooled value, and the other branch.
  EXPECT_EQ(conversions(network.mixed({int8, fp32, fp32, int8})), 2);
  // Two readers in two precisions are two conversions; the images are a third.
  const MixedProgram three = network.mixed({int8, fp32, bf16, fp32});
  EXPECT_EQ(std::ranges::count_if(three.values, [](const MixedValue& value) { return value.origin == 2; }), 3);
}

TEST(MixedProgram, ConvertsInFrontOfTheFirstReader) {
  const MixedProgram mixed = Forked{}.mixed({fp32, fp32, int8, fp32});
  for (std::size_t i = 0; i < mixed.fused.ops.size(); ++i) {
    if (!mixed.converts[i]) continue;
    const Op& reader = mixed.fused.ops[i + 1];
    EXPECT_NE(std::ranges::find(reader.operands, mixed.fused.ops[i].output), reader.operands.end()) << i;
    EXPECT_EQ(mixed.precisions[i], mixed.precisions[i + 1]);
    EXPECT_EQ(mixed.shapes[static_cast<std::size_t>(mixed.fused.ops[i].output)],
              mixed.shapes[static_cast<std::size_t>(mixed.fused.ops[i].operands[0])]);
  }
}

TEST(MixedProgram, PoolsInThePrecisionOfWhatIsPooled) {
  const MixedProgram mixed = Forked{}.mixed({fp32, int8, int8, int8});
  EXPECT_EQ(format(mixed, 1), fp32);
  EXPECT_EQ(format(mixed, 2), fp32);
  EXPECT_EQ(format(mixed, 3), int8);
  EXPECT_EQ(format(mixed, 7), int8);
  EXPECT_EQ(format(Forked{}.mixed({int8, int8, fp32, int8}), 7), fp32);  // Of several operands, the most precise.
}

TEST(MixedProgram, WritesImagesAsTheirReadersWantThem) {
  EXPECT_EQ(format(Forked{}.mixed({fp32, int8, int8, fp32}), 0), fp32);
  EXPECT_EQ(format(Forked{}.mixed({int8, fp32, fp32, int8}), 0), int8);
  EXPECT_EQ(format(Forked{}.mixed({bf16, fp32, fp32, bf16}), 0), bf16);
  EXPECT_EQ(format(Forked{}.mixed({int8, int8, int8, fp32}), 0), fp32);
}

}  // namespace
}  // namespace attar::detail::mixed_program_test
