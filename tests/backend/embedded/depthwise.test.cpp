// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include "plain_product.hpp"
#include <attar/backend/embedded/depthwise.hpp>
#include <attar/backend/embedded/dot.hpp>

namespace attar::test::depthwise_test {
namespace {

template <detail::ProductShape S>
void expect_exact() {
  static_assert(detail::is_depthwise(S));
  const auto filter = static_cast<std::size_t>(S.window.kernel.height * S.window.kernel.width);
  auto image = whole_numbers<float>(S.in.size(), 1);
  const auto weights = whole_numbers<float>(static_cast<std::size_t>(S.out.channels) * filter, 2);
  using Float = detail::FloatDot;
  EXPECT_EQ((run_product<detail::TiledDepthwise<S, Float>, Float>(S, image, weights)),
            plain_product(S, image, weights));
  using Int8 = detail::Int8LaneDot;
  if constexpr (std::is_unsigned_v<Int8::Element>) {
    for (float& number : image) number += 7;
  }
  EXPECT_EQ((run_product<detail::TiledDepthwise<S, Int8>, Int8>(S, image, weights)), plain_product(S, image, weights));
}

TEST(TiledDepthwise, IsTheDefinition) {
  expect_exact<conv_shape<16, 9, 11, 16>({{3, 3}, {1, 1}, {1, 1}, {1, 1}}, 16)>();
  expect_exact<conv_shape<5, 9, 8, 5>({{3, 3}, {2, 2}, {1, 1}, {1, 1}}, 5)>();
  expect_exact<conv_shape<27, 11, 9, 27>({{5, 5}, {2, 1}, {2, 2}, {1, 1}}, 27)>();
}

TEST(TiledDepthwise, TakesDilationsAndOddWindows) {
  expect_exact<conv_shape<9, 12, 12, 9>({{3, 3}, {1, 1}, {2, 3}, {2, 3}}, 9)>();
  expect_exact<conv_shape<12, 7, 8, 12>({{2, 4}, {1, 2}, {0, 1}, {1, 1}}, 12)>();
  expect_exact<conv_shape<40, 6, 6, 40>({{1, 1}, {1, 1}, {0, 0}, {1, 1}}, 40)>();
}

TEST(TiledDepthwise, CutsTallImages) {
  expect_exact<conv_shape<64, 60, 30, 64>({{3, 3}, {1, 1}, {1, 1}, {1, 1}}, 64)>();
}

}  // namespace
}  // namespace attar::test::depthwise_test
