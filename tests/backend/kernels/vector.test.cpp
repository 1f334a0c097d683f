// SPDX-License-Identifier: MIT
#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include <gtest/gtest.h>

#include <attar/backend/kernels/vector.hpp>
#include <attar/core/rng.hpp>

namespace attar::detail::vector_test {
namespace {

TEST(Vector, PiecesCoverARangeOnceAndInOrder) {
  for (const std::size_t end : {0, 1, 3, 4, 15, 16, 17, 47, 100}) {
    std::size_t next = end / 3;
    for_lanes(end / 3, end, [&]<int Count>(std::size_t i, Lanes<Count>) {
      EXPECT_EQ(i, next);
      next += Count;
    });
    EXPECT_EQ(next, end);
  }
}

/// Numbers of all sizes, ties of the rounding and the special ones.
std::vector<float> hard_numbers() {
  std::vector<float> numbers;
  Rng rng{Seed{3}};
  for (int i = 0; i < 4096; ++i) {
    const auto number = std::bit_cast<float>(rng.bits());
    if (std::isnormal(number)) numbers.push_back(number);
  }
  for (std::uint32_t upper = 0x3F80; upper < 0x3F90; ++upper) {
    for (const std::uint32_t lower : {0U, 1U, 0x7FFFU, 0x8000U, 0x8001U, 0xFFFFU}) {
      numbers.push_back(std::bit_cast<float>(upper << 16 | lower));
    }
  }
  for (const float number : {0.0F, -0.0F, std::numeric_limits<float>::infinity(), std::numeric_limits<float>::max()}) {
    numbers.push_back(number);
    numbers.push_back(-number);
  }
  return numbers;
}

TEST(Vector, RoundsToBf16AsTheScalarTypeDoes) {
  const std::vector<float> numbers = hard_numbers();
  std::vector<bf16> rounded(numbers.size());
  for_lanes(0, numbers.size(),
            [&](std::size_t i, auto lanes) { store(rounded.data() + i, load(numbers.data() + i, lanes), lanes); });
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    EXPECT_EQ(std::bit_cast<std::uint32_t>(static_cast<float>(rounded[i])),
              std::bit_cast<std::uint32_t>(static_cast<float>(bf16{numbers[i]})))
        << numbers[i];
  }
}

TEST(Vector, NanStaysNanInBf16) {
  std::vector<float> numbers(31, std::numeric_limits<float>::quiet_NaN());
  numbers[0] = std::bit_cast<float>(0x7F800001U);
  numbers[20] = std::bit_cast<float>(0xFFFFFFFFU);
  std::vector<bf16> rounded(numbers.size());
  for_lanes(0, numbers.size(),
            [&](std::size_t i, auto lanes) { store(rounded.data() + i, load(numbers.data() + i, lanes), lanes); });
  for (const bf16 number : rounded) EXPECT_TRUE(std::isnan(static_cast<float>(number)));
}

TEST(Vector, ReadsBf16Exactly) {
  std::vector<bf16> numbers;
  for (int i = 0; i < 63; ++i) numbers.emplace_back(static_cast<float>(i - 30) * 0.125F);
  std::vector<float> read(numbers.size());
  for_lanes(0, numbers.size(),
            [&](std::size_t i, auto lanes) { store(read.data() + i, load(numbers.data() + i, lanes), lanes); });
  for (std::size_t i = 0; i < numbers.size(); ++i) EXPECT_EQ(read[i], static_cast<float>(numbers[i]));
}

TEST(Vector, PutOverwritesOrAdds) {
  std::array<float, 4> numbers{1, 2, 3, 4};
  const Floats<4> tens{10, 20, 30, 40};
  put(numbers.data(), tens, true, Lanes<4>{});
  EXPECT_EQ(numbers, (std::array<float, 4>{11, 22, 33, 44}));
  put(numbers.data(), tens, false, Lanes<4>{});
  EXPECT_EQ(numbers, (std::array<float, 4>{10, 20, 30, 40}));
}

TEST(Vector, LimitsKeepNan) {
  const Floats<4> numbers{-1, 0.5F, 7, std::numeric_limits<float>::quiet_NaN()};
  const Floats<4> limited = at_most(at_least(numbers, Floats<4>{}), Floats<4>{} + 6.0F);
  EXPECT_EQ(limited[0], 0);
  EXPECT_EQ(limited[1], 0.5F);
  EXPECT_EQ(limited[2], 6);
  EXPECT_TRUE(std::isnan(limited[3]));
}

}  // namespace
}  // namespace attar::detail::vector_test
