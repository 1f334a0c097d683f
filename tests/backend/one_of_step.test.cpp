// SPDX-License-Identifier: MIT
#include <cstddef>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <attar/backend/one_of_step.hpp>

namespace attar::detail::one_of_step_test {
namespace {

template <int Number>
struct Marker {
  using Binding = StepPointers;
  [[nodiscard]] std::string kernel_name() const { return std::to_string(Number); }
  [[nodiscard]] std::size_t scratchpad_bytes() const noexcept { return Number; }
  [[nodiscard]] Binding bind(const StepPointers& pointers) const { return pointers; }
  void execute(Binding& p) const noexcept { *p.output = static_cast<std::byte>(Number); }
};

TEST(OneOfStep, ExecutesTheKindThatItIs) {
  using Step = OneOfStep<Marker<1>, Marker<2>, Marker<3>>;
  const std::vector<Step> steps{Marker<3>{}, Marker<1>{}, Marker<2>{}};
  std::vector<int> seen;
  for (const Step& step : steps) {
    std::byte output{};
    StepPointers pointers;
    pointers.output = &output;
    auto binding = step.bind(pointers);
    step.execute(binding);
    seen.push_back(std::to_integer<int>(output));
    EXPECT_EQ(step.scratchpad_bytes(), static_cast<std::size_t>(seen.back()));
    EXPECT_EQ(step.kernel_name(), std::to_string(seen.back()));
  }
  EXPECT_EQ(seen, (std::vector<int>{3, 1, 2}));
}

}  // namespace
}  // namespace attar::detail::one_of_step_test
