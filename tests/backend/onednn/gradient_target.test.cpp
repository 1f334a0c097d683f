// SPDX-License-Identifier: MIT
#include <array>
#include <cstddef>

#include <gtest/gtest.h>

#include <attar/backend/onednn/gradient_target.hpp>
#include <attar/core/dtype.hpp>

namespace attar::detail::onednn::gradient_target_test {
namespace {

template <class Storage>
std::array<float, 3> written(bool accumulate) {
  std::array<Storage, 3> gradient{static_cast<Storage>(1.0F), static_cast<Storage>(2.0F), static_cast<Storage>(256.0F)};
  GradientTarget<Storage> target{gradient.size()};
  int calls = 0;
  target.write(gradient.data(), accumulate, [&](Storage* where) {
    ++calls;
    EXPECT_EQ(where == gradient.data(), !accumulate);
    for (std::size_t i = 0; i < gradient.size(); ++i) where[i] = static_cast<Storage>(3.0F);
  });
  EXPECT_EQ(calls, 1);
  return {gradient[0], gradient[1], gradient[2]};
}

TEST(GradientTarget, Overwrites) {
  EXPECT_EQ(written<float>(false), (std::array{3.0F, 3.0F, 3.0F}));
  EXPECT_EQ(written<bf16>(false), (std::array{3.0F, 3.0F, 3.0F}));
}

TEST(GradientTarget, Adds) {
  EXPECT_EQ(written<float>(true), (std::array{4.0F, 5.0F, 259.0F}));
  EXPECT_EQ(written<bf16>(true), (std::array{4.0F, 5.0F, 260.0F}));  // 259 lies between 258 and 260; ties go to even.
}

}  // namespace
}  // namespace attar::detail::onednn::gradient_target_test
