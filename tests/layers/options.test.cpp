// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <attar/layers/options.hpp>

namespace attar::detail::options_test {
namespace {

TEST(Options, AreSquareUnlessTheySayOtherwise) {
  static_assert(Kernel<3>::extent == Extent{3, 3} && Kernel<3, 5>::extent == Extent{3, 5});
  static_assert(Stride<2>::extent == Extent{2, 2} && Padding<0, 1>::extent == Extent{0, 1});
  static_assert(Rate<1, 4>::value == 0.25 && Rate<0>::value == 0);
}

TEST(Options, OfAConvolutionPadHalfOfTheDilatedKernel) {
  static_assert(window_of<>({1, 1}, false) == Window{});
  static_assert(window_of<Kernel<3, 5>>({1, 1}, false).padding == Extent{1, 2});
  static_assert(window_of<Dilation<2, 3>, Kernel<3, 5>>({1, 1}, false).padding == Extent{2, 6});
  static_assert(window_of<Kernel<4>>({1, 1}, false).padding == Extent{1, 1});
  static_assert(window_of<Kernel<3>, Padding<0>>({1, 1}, false).padding == Extent{0, 0});
  static_assert(window_of<Kernel<3>>({1, 1}, false).stride == Extent{1, 1});
}

TEST(Options, OfAPoolingMoveByTheKernelAndDoNotPad) {
  static_assert(window_of<Kernel<3>>({3, 3}, true) == Window{.kernel = {3, 3}, .stride = {3, 3}});
  static_assert(window_of<Kernel<3>, Stride<1>, Padding<1>>({3, 3}, true) ==
                Window{.kernel = {3, 3}, .stride = {1, 1}, .padding = {1, 1}});
}

TEST(Options, GroupsAreOneByDefault) {
  static_assert(groups_of<>() == 1 && groups_of<Kernel<3>, Groups<4>>() == 4);
}

}  // namespace
}  // namespace attar::detail::options_test
