// SPDX-License-Identifier: MIT
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <type_traits>
#include <vector>

#include <gtest/gtest.h>

#include <attar/backend/kernels/int8.hpp>
#include <attar/core/rng.hpp>

namespace attar::detail::int8_test {
namespace {

TEST(WithByteType, NamesTheType) {
  with_byte_type(true, []<class T>(T) { EXPECT_TRUE((std::is_same_v<T, std::int8_t>)); });
  with_byte_type(false, []<class T>(T) { EXPECT_TRUE((std::is_same_v<T, std::uint8_t>)); });
}

TEST(ForChunks, CoversEverythingOnce) {
  for (const std::size_t count : {std::size_t{0}, std::size_t{1}, std::size_t{16385}, std::size_t{50000}}) {
    for (const std::size_t width : {std::size_t{1}, std::size_t{100}, std::size_t{100000}}) {
      std::vector<int> visits(count);
      for_chunks(count, width, [&](std::size_t begin, std::size_t end) {
        for (std::size_t i = begin; i < end; ++i) ++visits[i];
      });
      EXPECT_TRUE(std::ranges::all_of(visits, [](int n) { return n == 1; }));
    }
  }
}

TEST(Int8Quantize, AndBackIsWithinHalfAStep) {
  constexpr Int8Format format{.scale = 0.037F, .is_signed = true};
  Rng rng{Seed{1}};
  std::vector<float> numbers(1000);
  for (float& x : numbers) x = 4 * rng.uniform() * (rng.uniform() < 0.5F ? -1.0F : 1.0F);
  std::vector<std::byte> bytes(numbers.size());
  std::vector<float> back(numbers.size());
  int8_quantize(numbers.data(), numbers.size(), format, bytes.data());
  int8_to_float(bytes.data(), bytes.size(), false, format, back.data());
  for (std::size_t i = 0; i < numbers.size(); ++i) EXPECT_NEAR(back[i], numbers[i], format.scale * 0.5001F);
}

TEST(Int8Quantize, CountsFromTheZeroPoint) {
  const Int8Format format{.scale = 0.5F, .zero_point = 100};
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const std::array<float, 7> numbers{0, 1, -1, 0.25F, 1000, -1000, nan};
  std::array<std::byte, 7> bytes{};
  int8_quantize(numbers.data(), numbers.size(), format, bytes.data());
  const std::array<int, 7> expected{100, 102, 98, 100, 255, 0, 0};
  for (std::size_t i = 0; i < bytes.size(); ++i) EXPECT_EQ(std::to_integer<int>(bytes[i]), expected[i]) << i;
  std::array<float, 7> back{};
  int8_to_float(bytes.data(), bytes.size(), false, format, back.data());
  EXPECT_EQ(back, (std::array<float, 7>{0, 1, -1, 0, 77.5F, -50, -50}));
}

TEST(Int8ToFloat, CopiesFloats) {
  const std::array<float, 3> from{1.5F, -2, 1e9F};
  std::array<float, 3> to{};
  int8_to_float(reinterpret_cast<const std::byte*>(from.data()), 3, true, {7, true}, to.data());
  EXPECT_EQ(to, from);
}

TEST(Int8LookUp, TakesEveryByteThroughTheTable) {
  std::array<std::int8_t, 256> table{};
  std::vector<std::byte> from(256);
  for (std::size_t i = 0; i < 256; ++i) {
    table[i] = static_cast<std::int8_t>(static_cast<std::uint8_t>(7 * i + 3));
    from[i] = static_cast<std::byte>(i);
  }
  std::vector<std::byte> to(256);
  int8_look_up(from.data(), 256, table.data(), to.data());
  for (std::size_t i = 0; i < 256; ++i) EXPECT_EQ(to[i], static_cast<std::byte>(7 * i + 3));
}

}  // namespace
}  // namespace attar::detail::int8_test
