// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <attar/model/sequential.hpp>
#include <attar/prune/granularity.hpp>

namespace attar::granularity_test {
namespace {

template <int First, int Second, int Classes = 10>
using Net = Sequential<Input<3, 8, 8>, Conv2d<First, Kernel<3>>, DepthwiseConv2d<Kernel<3>>, Conv2d<Second>,
                       GlobalAvgPool, Linear<Classes>>;

TEST(Granularity, SingleWeightsFitEverywhere) {
  static_assert(Single::fits(Net<5, 7>::program) && Single::prunes(Net<5, 7>::program, 0));
  static_assert(Single::prunes(Net<5, 7>::program, 4));
}

TEST(Granularity, BlocksDivideTheOutputsOfAllButTheLastLayer) {
  static_assert(Blocks<16>::fits(Net<16, 32>::program));
  static_assert(!Blocks<16>::fits(Net<16, 24>::program));
  static_assert(!Blocks<16>::fits(Net<8, 32>::program));
  static_assert(Blocks<16>::prunes(Net<16, 32>::program, 2));
  static_assert(!Blocks<16>::prunes(Net<16, 32, 16>::program, 4), "the classifier stays dense, whatever its size");
}

TEST(Granularity, NofMDividesTheInputsOfAllButShortAxes) {
  static_assert(NofM<2, 4>::fits(Net<16, 32>::program));
  static_assert(!NofM<2, 4>::fits(Net<16, 30>::program), "the classifier's features");
  static_assert(!NofM<2, 4>::fits(Net<6, 32>::program));
  static_assert(!NofM<2, 4>::prunes(Net<16, 32>::program, 0), "3 channels");
  static_assert(!NofM<2, 4>::prunes(Net<16, 32>::program, 1), "depthwise");
  static_assert(NofM<2, 4>::prunes(Net<16, 32>::program, 2));
  static_assert(NofM<2, 4>::prunes(Net<16, 32>::program, 4));
}

}  // namespace
}  // namespace attar::granularity_test
