// SPDX-License-Identifier: MIT
#include <type_traits>

#include <gtest/gtest.h>

#include <attar/train/precision.hpp>

namespace attar::precision_test {
namespace {

TEST(Precision, SaysWhatActivationsAreKeptIn) {
  EXPECT_TRUE((std::is_same_v<Fp32::Storage, float>));
  EXPECT_EQ(sizeof(Bf16::Storage), 2U);
}

TEST(Precision, IsBf16ByDefaultOnlyWhereTheCpuHasIt) {
#if defined(__AVX512BF16__) || defined(__AMX_BF16__)
  EXPECT_TRUE((std::is_same_v<FastPrecision, Bf16>));
#else
  EXPECT_TRUE((std::is_same_v<FastPrecision, Fp32>));
#endif
}

}  // namespace
}  // namespace attar::precision_test
