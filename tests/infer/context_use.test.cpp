// SPDX-License-Identifier: MIT
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "../support/small_networks.hpp"
#include <attar/backend/embedded.hpp>
#include <attar/infer/context_use.hpp>
#include <attar/infer/engine.hpp>

namespace attar::test::context_use_test {
namespace {

using A = Sequential<Input<1, 6, 6>, Conv2d<8, Kernel<3>>, ReLU, GlobalAvgPool, Linear<4>>;
using TestedEngine = Engine<Network<A>, Embedded>;

TEST(ContextUse, AllowsOneCallBehindTheOther) {
  const detail::EngineNumber engine;
  detail::ContextUse use{.engine = engine.value()};
  for (int i = 0; i < 3; ++i) const detail::ContextCall call{use, engine};
  EXPECT_EQ(use.calls, 0U);
}

TEST(ContextUse, TellsEnginesApart) {
  const detail::EngineNumber first;
  const detail::EngineNumber second;
  const detail::EngineNumber copy = first;
  EXPECT_NE(first.value(), second.value());
  EXPECT_EQ(first.value(), copy.value());
}

TEST(ContextUse, FollowsAnEngineThatMoves) {
  TestedEngine engine{lived_in<A>(Seed{1})};
  auto context = engine.make_context();
  const std::vector<float> image = noise(A::input_shape.size(), Seed{2});
  const auto before = engine(image, context);
  const std::vector<float> expected{before.begin(), before.end()};
  const TestedEngine moved = std::move(engine);
  std::vector<TestedEngine::Context> contexts;
  contexts.push_back(std::move(context));
  const auto after = moved(image, contexts[0]);
  EXPECT_EQ((std::vector<float>{after.begin(), after.end()}), expected);
}

#ifndef NDEBUG

TEST(ContextUseDeathTest, CatchesTwoCallsAtOnce) {
  const detail::EngineNumber engine;
  detail::ContextUse use{.engine = engine.value()};
  const detail::ContextCall call{use, engine};
  EXPECT_DEATH({ const detail::ContextCall second(use, engine); }, "a context was used by two threads at once");
}

TEST(ContextUseDeathTest, CatchesTwoThreads) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  const TestedEngine engine{lived_in<A>(Seed{1})};
  auto context = engine.make_context();
  const std::vector<float> image = noise(A::input_shape.size(), Seed{2});
  const auto use_forever = [&] {
    while (true) (void)engine(image, context);
  };
  EXPECT_DEATH(
      {
        const std::jthread other{use_forever};
        use_forever();
      },
      "a context was used by two threads at once: each thread needs one of its own");
}

TEST(ContextUseDeathTest, CatchesAContextOfAnotherEngine) {
  const TestedEngine engine{lived_in<A>(Seed{1})};
  const TestedEngine other{lived_in<A>(Seed{1})};
  auto context = other.make_context();
  const std::vector<float> image = noise(A::input_shape.size(), Seed{2});
  EXPECT_DEATH((void)engine(image, context), "a context was used with an engine that did not make it");
}

#endif

}  // namespace
}  // namespace attar::test::context_use_test
