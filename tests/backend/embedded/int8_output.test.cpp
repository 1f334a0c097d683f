// SPDX-License-Identifier: MIT
#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include <gtest/gtest.h>

#include <attar/backend/embedded/int8_output.hpp>

namespace attar::test::int8_output_test {
namespace {

constexpr int lanes = detail::native_lanes;

template <class T, std::size_t Count>
std::vector<int> stored(const std::vector<float>& numbers) {
  detail::Floats<lanes> block[2]{};
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

constexpr std::array<float, 3 + lanes> multiplier{2, 4, 8};
constexpr std::array<float, 3 + lanes> offset{1, 0, -1};
constexpr detail::Int8Constants constants{
    .channels = 3, .multiplier = multiplier.data(), .offset = offset.data(), .residual_multiplier = 10};

TEST(Int8Finish, KeepsLogitsAsFloats) {
  std::array<float, 4> result{};
  const detail::Int8Finish<Activation::none, true> finish{constants, nullptr, reinterpret_cast<std::byte*>(&result)};
  const detail::Ints<lanes> sums[1][1]{{detail::Ints<lanes>{} + 5}};
  finish.put<3>(sums, 1, 0, 0);
  EXPECT_EQ(result, (std::array{11.0F, 20.0F, 39.0F, 0.0F}));
}

TEST(Int8Finish, AddsResidualsOfManyPixels) {
  std::array<std::uint8_t, 10> result{};
  const std::array<std::uint8_t, 9> residual{0, 0, 0, 1, 2, 3, 4, 5, 6};
  const detail::Int8Finish<Activation::relu, false> finish{constants, reinterpret_cast<const std::byte*>(&residual),
                                                           reinterpret_cast<std::byte*>(&result)};
  const detail::Ints<lanes> sums[2][1]{{detail::Ints<lanes>{} + 5}, {detail::Ints<lanes>{} - 5}};
  finish.put<3>(sums, 2, 1, 0);
  EXPECT_EQ(result, (std::array<std::uint8_t, 10>{0, 0, 0, 21, 40, 69, 31, 30, 19, 0}));
}

}  // namespace
}  // namespace attar::test::int8_output_test
