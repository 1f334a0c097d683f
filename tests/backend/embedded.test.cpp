// SPDX-License-Identifier: MIT
#include <algorithm>
#include <vector>

#include <gtest/gtest.h>

#include "../support/small_networks.hpp"
#include <attar/backend/embedded.hpp>
#include <attar/backend/reference.hpp>
#include <attar/infer/engine.hpp>
#include <attar/quantize/quantize.hpp>

namespace attar::test::embedded_test {
namespace {

TEST(Embedded, RunsNetworksOfBothPrecisions) {
  using A = ResNetLike;
  const Network<A> network = lived_in<A>(Seed{1});
  const auto int8 = quantize<Int8<>, Reference<float>>(network, noise(8 * A::input_shape.size(), Seed{9}));
  const std::vector<float> image = noise(A::input_shape.size(), Seed{2});
  const auto logits = [&](const auto& engine) {
    auto context = engine.make_context();
    const auto span = engine(image, context);
    return std::vector<float>{span.begin(), span.end()};
  };
  using Bytes = decltype(int8);
  EXPECT_EQ(logits(Engine<std::remove_const_t<Bytes>, Embedded>{int8}),
            logits(Engine<std::remove_const_t<Bytes>, Reference<float>>{int8}));
  const auto found = logits(Engine<Network<A>, Embedded>{network});
  const auto truth = logits(Engine<Network<A>, Reference<float>>{network});
  for (std::size_t i = 0; i < found.size(); ++i) EXPECT_NEAR(found[i], truth[i], 1e-4F);
}

}  // namespace
}  // namespace attar::test::embedded_test
