// SPDX-License-Identifier: MIT
#include <type_traits>

#include <gtest/gtest.h>

#include <attar/model/int8_scheme.hpp>

namespace attar::int8_scheme_test {
namespace {

struct OwnCalibrator {};

TEST(Int8Scheme, TakesOptionsInAnyOrder) {
  using One = Int8<PerTensor, MinMax, WeightBits<7>>;
  using Other = Int8<WeightBits<7>, PerTensor, MinMax>;
  static_assert(!One::per_channel && !Other::per_channel);
  static_assert(std::is_same_v<One::Calibrator, MinMax> && std::is_same_v<Other::Calibrator, MinMax>);
  static_assert(One::weight_limit == 63 && Other::weight_limit == 63);
}

TEST(Int8Scheme, HasDefaults) {
  static_assert(Int8<>::per_channel);
  static_assert(std::is_same_v<Int8<>::Calibrator, MinMax>);
  static_assert(Int8<>::weight_limit == 127);
  static_assert(Int8<WeightBits<6>>::weight_limit == 31 && Int8<WeightBits<6>>::packed_bits == 0);
  static_assert(Int8<WeightBits<4>>::weight_limit == 7 && Int8<WeightBits<4>>::packed_bits == 4);
  static_assert(Int8<WeightBits<2>>::weight_limit == 1 && Int8<WeightBits<2>>::packed_bits == 2);
  static_assert(Int8<>::packed_bits == 0 && Int8<WeightBits<7>>::packed_bits == 0);
  static_assert(std::is_same_v<Int8<PerChannel>::Calibrator, MinMax>);
}

TEST(Int8Scheme, HasZeroPointsIfAsked) {
  static_assert(!Int8<>::asymmetric && !Int8<Symmetric, MinMax>::asymmetric);
  static_assert(Int8<Asymmetric>::asymmetric && Int8<PerTensor, MinMax, Asymmetric>::asymmetric);
  static_assert(std::is_same_v<Int8<Asymmetric>::Calibrator, MinMax>);
  static_assert(std::is_same_v<Int8<Asymmetric>::Symmetry, Asymmetric> && std::is_same_v<Int8<>::Symmetry, Symmetric>);
}

TEST(Int8Scheme, TakesACalibratorOfTheUser) {
  static_assert(std::is_same_v<Int8<OwnCalibrator, PerTensor>::Calibrator, OwnCalibrator>);
}

}  // namespace
}  // namespace attar::int8_scheme_test
