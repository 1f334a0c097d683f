// SPDX-License-Identifier: MIT
#include <array>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include <attar/detail/whole_range.hpp>

namespace attar::whole_range_test {
namespace {

constexpr std::array numbers{3, 1, 2, 1};
constexpr auto is_one = [](int x) { return x == 1; };

struct Named {
  std::string_view name;
  int number;
};
constexpr std::array named{Named{"a", 1}, Named{"b", 2}};

TEST(WholeRange, Asks) {
  static_assert(detail::any_of(numbers, is_one) && !detail::all_of(numbers, is_one));
  static_assert(detail::all_of(std::array<int, 0>{}, is_one) && !detail::any_of(std::array<int, 0>{}, is_one));
  static_assert(detail::contains(numbers, 2) && !detail::contains(numbers, 4));
}

TEST(WholeRange, FindsTheFirstOrTheEnd) {
  static_assert(detail::find(numbers, 1) - numbers.begin() == 1);
  static_assert(detail::find(numbers, 4) == numbers.end());
  static_assert(detail::find_if(numbers, is_one) - numbers.begin() == 1);
  static_assert(detail::find(named, "b", &Named::name)->number == 2);
  static_assert(detail::find(named, 3, &Named::number) == named.end());
}

TEST(WholeRange, FindsTheFirstOfTheLargest) {
  static_assert(detail::index_of_largest(std::array{1, 3, 2, 3}) == 1);
  static_assert(detail::index_of_largest(std::array{-1.0F}) == 0);
}

TEST(WholeRange, Writes) {
  std::vector<int> result(4);
  detail::copy(numbers, result.begin());
  EXPECT_EQ(result, (std::vector{3, 1, 2, 1}));
  detail::sort(result);
  EXPECT_EQ(result, (std::vector{1, 1, 2, 3}));
  detail::sort(result, [](int a, int b) { return a > b; });
  EXPECT_EQ(result, (std::vector{3, 2, 1, 1}));
  detail::transform(numbers, result.begin(), [](int x) { return 2 * x; });
  EXPECT_EQ(result, (std::vector{6, 2, 4, 2}));
  detail::fill(result, 7);
  EXPECT_EQ(result, (std::vector{7, 7, 7, 7}));
}

}  // namespace
}  // namespace attar::whole_range_test
