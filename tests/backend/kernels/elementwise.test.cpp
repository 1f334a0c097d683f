// SPDX-License-Identifier: MIT
#include <cstddef>
#include <vector>

#include <gtest/gtest.h>

#include <attar/backend/kernels/elementwise.hpp>

namespace attar::detail::elementwise_test {
namespace {

TEST(Elementwise, VisitsEachElementOnce) {
  for (const std::size_t count : {0, 1, 15, 4096, 4097, 20001}) {
    std::vector<int> visits(count);
    for_elements(count, [&]<int Count>(std::size_t i, Lanes<Count>) {
      for (std::size_t k = i; k < i + Count; ++k) ++visits[k];
    });
    for (const int visit : visits) ASSERT_EQ(visit, 1);
  }
}

}  // namespace
}  // namespace attar::detail::elementwise_test
