// SPDX-License-Identifier: MIT
#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <type_traits>
#include <vector>

#include <gtest/gtest.h>

#include <attar/backend/embedded/int8_output.hpp>

namespace attar::test {
namespace {

constexpr int lanes = detail::native_lanes;
using Block = std::array<detail::Floats<lanes>, 2>;

template <class T, std::size_t Count>
std::vector<int> stored(const std::vector<float>& numbers) {
  Block block{};
  for (std::size_t i = 0; i < numbers.size(); ++i) block[i / lanes][static_cast<int>(i % lanes)] = numbers[i];
  std::array<T, 2 * lanes + 1> bytes{};
  bytes.fill(99);
  detail::store_rounded_block<T, Count>(bytes.data(), block);
  EXPECT_EQ(bytes[Count], 99) << "what lies behind is not touched";
  return {bytes.begin(), bytes.begin() + Count};
}

TEST(StoreRoundedBlock, SaturatesAndRoundsTiesToEven) {
  constexpr float large = std::numeric_limits<float>::max();
  constexpr float infinity = std::numeric_limits<float>::infinity();
  const std::vector<float> numbers{0.5F, 1.5F, 2.5F, -0.5F, 126.6F, 254.6F, large, -large};
  EXPECT_EQ((stored<std::uint8_t, 8>(numbers)), (std::vector<int>{0, 2, 2, 0, 127, 255, 255, 0}));
  EXPECT_EQ((stored<std::int8_t, 8>(numbers)), (std::vector<int>{0, 2, 2, 0, 127, 127, 127, -128}));
  std::vector<float> all(2 * lanes, -1.5F);
  all[0] = infinity;
  all[1] = std::numeric_limits<float>::quiet_NaN();
  all.back() = 3e9F;
  std::vector<int> expected(2 * lanes, -2);
  expected[0] = expected.back() = 127;
  expected[1] = -128;
  EXPECT_EQ((stored<std::int8_t, 2 * lanes>(all)), expected);
  EXPECT_EQ((stored<std::uint8_t, 1>(all)), (std::vector<int>{255}));
}

TEST(Int8Output, KeepsLogitsAsFloats) {
  detail::Int8Op op;
  op.out = {3, 1, 1};
  op.multiplier = {2, 4, 8};
  op.offset = {1, 0, -1};
  const detail::Int8Output<Activation::none, false, true> output{op, 3 + lanes};
  std::array<float, 4> result{};
  detail::StepPointers p;
  p.output = reinterpret_cast<std::byte*>(result.data());
  const std::array<detail::Ints<lanes>, 1> sums{detail::Ints<lanes>{} + 5};
  output.at(p)(sums, 0, 0, std::integral_constant<std::size_t, 3>{});
  EXPECT_EQ(result, (std::array{11.0F, 20.0F, 39.0F, 0.0F}));
}

}  // namespace
}  // namespace attar::test
