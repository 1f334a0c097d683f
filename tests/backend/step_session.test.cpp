// SPDX-License-Identifier: MIT
#include <cstddef>
#include <vector>

#include <gtest/gtest.h>

#include <attar/backend/step_session.hpp>
#include <attar/model/sequential.hpp>

namespace attar::detail::step_session_test {
namespace {

using Net = Sequential<Input<2, 1, 1>, Linear<3>, ReLU, Linear<2>>;

/// Adds its number to the first byte that it reads, and counts the scratchpad it was promised.
class CountingStep {
 public:
  using Binding = StepPointers;
  explicit CountingStep(int number) : number_{number} {}
  [[nodiscard]] std::size_t scratchpad_bytes() const noexcept { return static_cast<std::size_t>(100 * number_); }
  [[nodiscard]] Binding bind(const StepPointers& pointers) const { return pointers; }
  void execute(Binding& p) const noexcept {
    const auto before = std::to_integer<int>(p.inputs[0][0]);
    p.output[0] = static_cast<std::byte>(before * 10 + number_);
    p.scratchpad[scratchpad_bytes() - 1] = std::byte{1};
  }

 private:
  int number_;
};

StepSession<CountingStep> make_session(Threads threads = {1}) {
  FusedProgram fused = fuse(Net::program, FuseFor::inference);
  ValuePlan plan = plan_values(Net::program, fused, false, [](int) { return std::size_t{1}; });
  return {std::move(fused), std::move(plan), {CountingStep{1}, CountingStep{2}}, threads};
}

TEST(StepSession, RunsTheStepsInOrder) {
  const auto session = make_session();
  auto context = session.make_context();
  std::vector<int> seen;
  int result = 0;
  session.run(
      context, [](std::byte* input) { input[0] = std::byte{0}; },
      [&](const std::byte* output) { result = std::to_integer<int>(*output); },
      [&](int value, const std::byte*) { seen.push_back(value); });
  EXPECT_EQ(result, 12);
  ASSERT_EQ(seen.size(), 3U);
  EXPECT_EQ(seen.front(), 0);
  EXPECT_EQ(seen.back(), Net::program.output);
}

TEST(StepSession, GivesAContextRoomForTheLargestScratchpad) {
  const auto session = make_session();
  EXPECT_GE(session.context_bytes(), 200U + 2U);
  EXPECT_EQ(session.steps().size(), 2U);
}

TEST(StepSession, KeepsContextsWhenItMoves) {
  auto first = make_session();
  auto context = first.make_context();
  const auto moved = std::move(first);
  int result = 0;
  moved.run(
      context, [](std::byte* input) { input[0] = std::byte{1}; },
      [&](const std::byte* output) { result = std::to_integer<int>(*output); }, [](int, const std::byte*) {});
  EXPECT_EQ(result, 112);
}

TEST(ThreadScope, HoldsTheNumberOfThreadsAndGivesItBack) {
  const int before = thread_count();
  {
    const ThreadScope scope{Threads{before + 2}};
#ifdef _OPENMP
    EXPECT_EQ(thread_count(), before + 2);
#endif
  }
  EXPECT_EQ(thread_count(), before);
}

TEST(StepSession, RunsWithItsOwnNumberOfThreads) {
  const auto session = make_session(Threads{thread_count() + 1});
  auto context = session.make_context();
  const int before = thread_count();
  int during = 0;
  session.run(
      context, [&](std::byte*) { during = thread_count(); }, [](const std::byte*) {}, [](int, const std::byte*) {});
#ifdef _OPENMP
  EXPECT_EQ(during, before + 1);
#endif
  EXPECT_EQ(thread_count(), before);
}

}  // namespace
}  // namespace attar::detail::step_session_test
