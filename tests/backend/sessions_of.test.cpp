// SPDX-License-Identifier: MIT
#include <type_traits>

#include <gtest/gtest.h>

#include "../support/small_networks.hpp"
#include <attar/backend/eigen.hpp>
#include <attar/backend/sessions_of.hpp>
#include <attar/model/fold_batch_norm.hpp>

namespace attar::test::sessions_of_test {
namespace {

using A = fold_batch_norm_t<VggLike>;
template <class Backend>
using Of = detail::SessionsOf<A, Backend>;

static_assert(std::is_same_v<Of<EigenBackend>::Mixed, MixedSession<EigenBackend>>);
static_assert(std::is_same_v<Of<Embedded>::Int8, detail::EmbeddedInt8Session<A>>);
static_assert(detail::runs_by_image<Embedded> && !detail::runs_by_image<EigenBackend>);

TEST(SessionsOf, MakesFloatSessionsOfAnyBackend) {
  const Network<A> network = fold_batch_norm(lived_in<VggLike>(Seed{1}));
  const auto logits_of = [&]<class Backend>(Backend) {
    const auto session = Of<Backend>::floats(network.buffer(), 2, {1});
    auto context = session.make_context();
    const std::vector<float> images = noise(session.input_size(), Seed{2});
    std::vector<float> logits(session.output_size());
    session.run(images.data(), logits.data(), context);
    return logits;
  };
  const std::vector<float> found = logits_of(Embedded{});
  const std::vector<float> expected = logits_of(EigenBackend{});
  ASSERT_EQ(found.size(), expected.size());
  for (std::size_t i = 0; i < found.size(); ++i) EXPECT_NEAR(found[i], expected[i], 1e-4F);
}

}  // namespace
}  // namespace attar::test::sessions_of_test
