// SPDX-License-Identifier: MIT
#include <chrono>
#include <cstddef>
#include <thread>

#include <gtest/gtest.h>

#include <attar/backend/faster_step.hpp>
#include <attar/layers/layers.hpp>
#include <attar/model/sequential.hpp>

namespace attar::faster_step_test {
namespace {

using namespace attar;

/// A step that writes all of its output, so that a buffer that is too small would be noticed, and sleeps.
struct SlowStep {
  std::size_t bytes = 0;
  std::chrono::microseconds pause{0};

  using Binding = detail::StepPointers;
  [[nodiscard]] static std::size_t scratchpad_bytes() { return 64; }
  [[nodiscard]] static Binding bind(const detail::StepPointers& pointers) { return pointers; }
  void execute(Binding& pointers) const noexcept {
    for (std::size_t i = 0; i < bytes; ++i) pointers.output[i] = pointers.scratchpad[i % 64];
    if (pause.count() > 0) std::this_thread::sleep_for(pause);
  }
};

TEST(FasterStep, TellsTheFasterOfTwo) {
  using A = Sequential<Input<3, 8, 8>, Conv2d<16, Kernel<3>>>;
  const OperationContext context{A::program.ops[0], A::program, 2};
  const SlowStep quick{2 * A::output_shape.size() * sizeof(float)};
  const SlowStep slow{quick.bytes, std::chrono::microseconds{2000}};
  EXPECT_TRUE(detail::is_faster(quick, slow, context));
  EXPECT_FALSE(detail::is_faster(slow, quick, context));
}

}  // namespace
}  // namespace attar::faster_step_test
