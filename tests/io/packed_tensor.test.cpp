// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

#include <gtest/gtest.h>

#include "scratch.hpp"
#include <attar/core/rng.hpp>
#include <attar/io/packed_tensor.hpp>

namespace attar::detail::packed_tensor_test {
namespace {

using Bytes = std::vector<std::byte>;

Bytes bytes(std::initializer_list<int> numbers) {
  Bytes result;
  for (const int number : numbers) result.push_back(static_cast<std::byte>(number));
  return result;
}

template <class T>
PackedTensor pack(const std::vector<T>& numbers) {
  return pack_tensor(std::as_bytes(std::span{numbers}), sizeof(T));
}

template <class T>
std::vector<T> unpacked(const Bytes& packed, std::size_t count) {
  std::vector<T> numbers(count, T{1});
  BitReader reader{packed, "tensor"};
  unpack_tensor(reader, std::as_writable_bytes(std::span{numbers}), sizeof(T));
  EXPECT_TRUE(reader.at_end());
  return numbers;
}

template <class T>
void expect_same_bits(const std::vector<T>& a, const std::vector<T>& b) {
  ASSERT_EQ(a.size(), b.size());
  EXPECT_TRUE(std::ranges::equal(std::as_bytes(std::span{a}), std::as_bytes(std::span{b})));
}

/// Numbers of which a share is not zero, drawn from so many different ones, or from all if that is 0.
template <class T>
std::vector<T> random_tensor(std::size_t count, double density, std::uint32_t different, Seed seed) {
  Rng rng{seed};
  std::vector<T> numbers(count);
  for (T& number : numbers) {
    if (static_cast<double>(rng.uniform()) >= density) continue;
    number =
        static_cast<T>(different == 0 ? rng.normal() * 20 : static_cast<float>(1 + rng.below(different)) * 0.7F + 1);
  }
  return numbers;
}

TEST(PackedTensor, EncodingByWhatIsShortest) {
  const auto encoding = [](double density, std::uint32_t different) {
    return pack(random_tensor<float>(10'000, density, different, Seed{1})).encoding;
  };
  EXPECT_EQ(encoding(1, 0).text(), "dense");
  EXPECT_EQ(encoding(1, 16).text(), "dense, codebook");
  EXPECT_EQ(encoding(0.05, 32).places, Places::gaps);
  EXPECT_TRUE(encoding(0.05, 32).codebook);
  EXPECT_LT(encoding(0.3, 32).gap_bits, encoding(0.01, 32).gap_bits);
  EXPECT_FALSE(encoding(0.2, 0).codebook);
  EXPECT_NE(encoding(0.2, 0).places, Places::dense);
  EXPECT_EQ(pack(std::vector<float>(10'000)).bytes.size(), 4U);  // No gaps, no words.
  // Dense blocks between zeros: long runs in the bitmap.
  std::vector<float> blocks(4096);
  for (std::size_t i = 0; i < blocks.size(); ++i) blocks[i] = i / 64 % 3 == 0 ? static_cast<float>(i + 1) : 0;
  EXPECT_EQ(pack(blocks).encoding.text(), "bitmap");
}

TEST(PackedTensor, EveryBitComesBack) {
  for (const double density : {0.0, 0.003, 0.1, 0.5, 1.0}) {
    for (const std::uint32_t different : {0U, 1U, 5U, 32U, 200U, 400U}) {
      for (const std::size_t count : {std::size_t{1}, std::size_t{7}, std::size_t{64}, std::size_t{3001}}) {
        const auto floats = random_tensor<float>(count, density, different, Seed{count});
        expect_same_bits(unpacked<float>(pack(floats).bytes, count), floats);
        const auto doubles = random_tensor<double>(count, density, different, Seed{count});
        expect_same_bits(unpacked<double>(pack(doubles).bytes, count), doubles);
        const auto integers = random_tensor<std::int8_t>(count, density, std::min(different, 100U), Seed{count});
        expect_same_bits(unpacked<std::int8_t>(pack(integers).bytes, count), integers);
      }
    }
  }
  EXPECT_TRUE(unpacked<float>(pack(std::vector<float>{}).bytes, 0).empty());
}

TEST(PackedTensor, KeepsOddFloats) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  std::vector<float> odd(500);
  for (std::size_t i = 0; i < odd.size(); i += 10) {
    odd[i] = std::vector<float>{-0.0F, nan, std::numeric_limits<float>::infinity(), 1e-40F, 3}[i / 10 % 5];
  }
  const PackedTensor packed = pack(odd);
  EXPECT_FALSE(packed.encoding.codebook);  // Codebooks are finite.
  EXPECT_EQ(packed.non_zeros, 50);         // -0.0 among them.
  expect_same_bits(unpacked<float>(packed.bytes, odd.size()), odd);
}

TEST(PackedTensor, SparseCodebooksComeNearTheEntropy) {
  const double density = 0.05;
  const std::size_t count = 200'000;
  const auto numbers = random_tensor<float>(count, density, 32, Seed{9});
  const double places = -density * std::log2(density) - (1 - density) * std::log2(1 - density);
  const double bits = static_cast<double>(count) * (places + density * 5);
  const double found = 8 * static_cast<double>(pack(numbers).bytes.size());
  EXPECT_GT(found, 0.98 * bits);
  EXPECT_LT(found, 1.04 * bits);
}

// The head is: places (0 dense, 1 bitmap, 2 gaps) | log2 bytes << 2 | codebook << 4 | (gap bits - 3) << 5.
constexpr int s8_dense = 0;
constexpr int s8_bitmap = 1;
constexpr int s8_gaps = 2;
constexpr int f32_codebook = 2 << 2 | 1 << 4;

void expect_refused(const Bytes& packed, const char* why, ErrorCode code = ErrorCode::file_damaged) {
  test::expect_error(code, why, [&] { (void)unpacked<std::int8_t>(packed, 10); });
}

TEST(PackedTensor, ReadsWhatWasWrittenByHand) {
  EXPECT_EQ(unpacked<std::int8_t>(bytes({s8_dense, 10, 0, 5}), 10), std::vector<std::int8_t>(10, 5));
  // The elements 1 and 9.
  EXPECT_EQ(unpacked<std::int8_t>(bytes({s8_bitmap, 10, 8, 0b0000'0010, 0b0000'0010, 8, 5, 6}), 10),
            (std::vector<std::int8_t>{0, 5, 0, 0, 0, 0, 0, 0, 0, 6}));
  // Gaps of 3 bits: 1; 7 without a number; 0.
  EXPECT_EQ(unpacked<std::int8_t>(bytes({s8_gaps, 10, 3, 3, 0b0011'1100, 0, 8, 5, 6}), 10),
            (std::vector<std::int8_t>{0, 5, 0, 0, 0, 0, 0, 0, 0, 6}));
}

TEST(PackedTensor, RefusesAnotherTensor) {
  const char* why = "tensor: expected 10 elements of 1 bytes, found";
  expect_refused(bytes({s8_dense, 11, 0, 5}), why, ErrorCode::architecture_mismatch);
  expect_refused(bytes({2 << 2, 10, 0, 5}), why, ErrorCode::architecture_mismatch);
  // 2^55 elements: refused before any memory is taken.
  expect_refused(bytes({s8_dense, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x40, 0, 5}), why,
                 ErrorCode::architecture_mismatch);
}

TEST(PackedTensor, RefusesDamagedHeads) {
  expect_refused({}, "more data");
  expect_refused(bytes({3, 10, 0, 5}), "a known encoding, found number 3");
  expect_refused(bytes({s8_gaps | 6 << 5, 10, 0, 5}), "a known encoding");
  expect_refused(bytes({s8_dense, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF}), "elements");
}

TEST(PackedTensor, RefusesDamagedPlaces) {
  expect_refused(bytes({s8_bitmap, 10, 8, 0b0000'0010, 0b0000'0100, 8, 5, 6}), "no bits behind the 10 of the bitmap");
  expect_refused(bytes({s8_gaps, 10, 11, 0, 1}), "at most 10 gaps, found 11");
  expect_refused(bytes({s8_gaps, 10, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F}), "at most 10 gaps");
  expect_refused(bytes({s8_gaps, 10, 2, 8, 9, 1, 0, 5}), "gaps of at most 7, found 9");
  expect_refused(bytes({s8_gaps, 10, 2, 8, 6, 3, 0, 5}), "gaps within 10 elements, found an index of 10");
  expect_refused(bytes({s8_gaps, 10, 2, 0, 7, 0, 5}), "gaps within 10 elements, found an index of 14");
  expect_refused(bytes({s8_gaps, 10, 3, 3, 0b0011'1100}), "more data");
}

TEST(PackedTensor, RefusesDamagedNumbers) {
  expect_refused(bytes({s8_dense, 10, 8, 1, 2, 3}), "more data");
  expect_refused(bytes({s8_bitmap, 10, 0, 0b0000'0001, 8, 5, 0}), "no zeros among the numbers that are not zero");
  const auto refused = [](const Bytes& packed, const char* why) {
    test::expect_error(ErrorCode::file_damaged, why, [&] { (void)unpacked<float>(packed, 3); });
  };
  const Bytes good = bytes({f32_codebook, 3, 1, 0, 0, 0x80, 0x3F, 0, 0, 0, 0x40, 1, 0b0100'0000});
  EXPECT_EQ(unpacked<float>(good, 3), (std::vector<float>{1, 2, 1}));
  const auto changed = [&](std::size_t place, int value) {
    Bytes copy = good;
    copy[place] = static_cast<std::byte>(value);
    return copy;
  };
  refused(changed(10, 0x3F), "a codebook in ascending order");  // 0.5
  refused(bytes({f32_codebook, 3, 1, 0, 0, 0x80, 0x7F, 0, 0, 0, 0x40, 1, 0b0100'0000}), "finite numbers");
  refused(bytes({f32_codebook, 3, 1, 1, 0, 0x80, 0xFF, 0, 0, 0, 0x40, 1, 0b0100'0000}), "finite numbers");
  refused(bytes({f32_codebook, 3, 1, 0, 0, 0x80, 0x3F, 0, 0, 0, 0x40, 2, 0b1000'0000}),
          "numbers below the codebook's 2, found 2");
  refused(changed(12, 0b0100'0001), "zeros to the end of a byte");
  for (std::size_t length = 0; length < good.size(); ++length) {
    refused(Bytes{good.begin(), good.begin() + static_cast<std::ptrdiff_t>(length)}, "more data");
  }
}

}  // namespace
}  // namespace attar::detail::packed_tensor_test
