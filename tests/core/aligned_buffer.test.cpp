// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cstdint>
#include <limits>
#include <utility>

#include <gtest/gtest.h>

#include <attar/core/aligned_buffer.hpp>

/// Under the address sanitizer: an allocation may fail as it does without.
extern "C" const char* __asan_default_options();
extern "C" const char* __asan_default_options() {
  return "allocator_may_return_null=1";
}

namespace attar::aligned_buffer_test {
namespace {

bool is_aligned(const void* pointer) {
  return reinterpret_cast<std::uintptr_t>(pointer) % buffer_alignment == 0;
}

TEST(AlignedBuffer, IsAlignedAndZero) {
  for (const std::size_t count : {1U, 3U, 17U, 1000U}) {
    const AlignedBuffer<float> floats{count};
    const AlignedBuffer<std::uint8_t> bytes{count};
    EXPECT_TRUE(is_aligned(floats.data()) && is_aligned(bytes.data()));
    EXPECT_EQ(floats.size(), count);
    EXPECT_TRUE(std::ranges::all_of(floats, [](float x) { return x == 0; }));
    EXPECT_TRUE(std::ranges::all_of(bytes, [](std::uint8_t x) { return x == 0; }));
  }
}

TEST(AlignedBuffer, OfNothingIsEmpty) {
  const AlignedBuffer<float> none;
  const AlignedBuffer<float> zero{0};
  EXPECT_TRUE(none.empty() && zero.empty());
  EXPECT_EQ(none.data(), nullptr);
  EXPECT_EQ(none.begin(), none.end());
  const AlignedBuffer<float> copy{zero};
  EXPECT_TRUE(copy.empty());
}

TEST(AlignedBuffer, CopiesItsNumbers) {
  AlignedBuffer<int> first{5};
  first.fill(3);
  AlignedBuffer<int> second{first};
  EXPECT_TRUE(is_aligned(second.data()));
  second[2] = 4;
  EXPECT_EQ(first[2], 3);
  EXPECT_EQ(second[1], 3);
  first = second;
  EXPECT_EQ(first[2], 4);
  EXPECT_NE(first.data(), second.data());
  const AlignedBuffer<int>& itself = first;
  first = itself;
  EXPECT_EQ(first[2], 4);
}

TEST(AlignedBuffer, MovesItsMemory) {
  AlignedBuffer<int> first{5};
  first[1] = 7;
  const int* memory = first.data();
  AlignedBuffer<int> second{std::move(first)};
  EXPECT_EQ(second.data(), memory);
  EXPECT_TRUE(first.empty());  // NOLINT: a moved-from buffer is empty
  AlignedBuffer<int> third{2};
  third = std::move(second);
  EXPECT_EQ(third.data(), memory);
  EXPECT_EQ(third[1], 7);
  EXPECT_EQ(third.size(), 5U);
}

TEST(AlignedBuffer, GivesSpans) {
  AlignedBuffer<int> buffer{4};
  buffer.span()[3] = 9;
  EXPECT_EQ(std::as_const(buffer).span()[3], 9);
  EXPECT_EQ(buffer.end() - buffer.begin(), 4);
}

TEST(AlignedBuffer, ThrowsATypedErrorWithoutMemory) {
  // The second and third overflow when multiplied by the size of an element.
  for (const std::size_t count : {std::size_t{1} << 60, std::numeric_limits<std::size_t>::max() / 4 + 2,
                                  std::numeric_limits<std::size_t>::max()}) {
    try {
      const AlignedBuffer<float> buffer{count};
      FAIL() << count;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::out_of_memory);
      EXPECT_NE(error.expected().find(std::to_string(count)), std::string::npos);
    }
  }
}

}  // namespace
}  // namespace attar::aligned_buffer_test
