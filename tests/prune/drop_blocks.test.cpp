// SPDX-License-Identifier: MIT
#include <algorithm>
#include <span>
#include <type_traits>
#include <vector>

#include <gtest/gtest.h>

#include <attar/backend/eigen.hpp>
#include <attar/backend/inference_session.hpp>
#include <attar/prune/drop_blocks.hpp>

namespace attar::drop_blocks_test {
namespace {

using Main = Stack<Conv2d<4, Kernel<3>>, BatchNorm2d>;
using In = Input<3, 6, 6>;
using Head = Stack<GlobalAvgPool, Linear<2>>;
using Net = Sequential<In, Conv2d<4>, Residual<Main>, ReLU, Repeat<3, Stack<Residual<Main>, ReLU>>,
                       Residual<Main, Stack<Conv2d<4>>>, Concat<Residual<Main>, Stack<>>, Head>;

TEST(DropBlocks, LeavesAnIdentityInTheirPlace) {
  static_assert(std::is_same_v<drop_blocks_t<Net, ResidualAt<"1">>,
                               Sequential<In, Conv2d<4>, Identity, ReLU, Repeat<3, Stack<Residual<Main>, ReLU>>,
                                          Residual<Main, Stack<Conv2d<4>>>, Concat<Residual<Main>, Stack<>>, Head>>);
  static_assert(
      std::is_same_v<drop_blocks_t<Net, ResidualAt<"3.1.0">, ResidualAt<"5.0">>,
                     Sequential<In, Conv2d<4>, Residual<Main>, ReLU,
                                Stack<Stack<Residual<Main>, ReLU>, Stack<Identity, ReLU>, Stack<Residual<Main>, ReLU>>,
                                Residual<Main, Stack<Conv2d<4>>>, Concat<Identity, Stack<>>, Head>>);
  static_assert(std::is_same_v<drop_blocks_t<Net>, Net>);
}

TEST(DropBlocks, FindsBlocksWithAnIdentityOnly) {
  static_assert(detail::has_block<Net, ResidualAt<"3.2.0">> && detail::has_block<Net, ResidualAt<"5.0">>);
  static_assert(!detail::has_block<Net, ResidualAt<"4">> && !detail::has_block<Net, ResidualAt<"3">> &&
                !detail::has_block<Net, ResidualAt<"3.3.0">> && !detail::has_block<Net, ResidualAt<"0">>);
}

template <class A>
std::vector<float> run(const Network<A>& network) {
  const InferenceSession<EigenBackend> session{A::program, network.buffer()};
  auto context = session.make_context();
  std::vector<float> image(session.input_size());
  for (std::size_t i = 0; i < image.size(); ++i) image[i] = static_cast<float>(i % 11) - 5;
  std::vector<float> logits(session.output_size());
  session.run(image.data(), logits.data(), context);
  return logits;
}

TEST(DropBlocks, OfNoEffectChangesNothing) {
  Network<Net> network{Seed{3}};
  std::ranges::fill(network.tensor("3.1.0.main.1.weight"), 0.0F);
  const auto shallow = drop_blocks<ResidualAt<"3.1.0">>(network);
  EXPECT_EQ(run(shallow), run(network));
  EXPECT_NE(run(drop_blocks<ResidualAt<"3.2.0">>(network)), run(network));
}

TEST(DropBlocks, MovesNumbersByName) {
  const Network<Net> network{Seed{4}};
  const auto shallow = drop_blocks<ResidualAt<"1">>(network);
  EXPECT_EQ(shallow.program.parameters.size() + 5, Net::program.parameters.size());
  for (const Parameter& parameter : shallow.program.parameters) {
    EXPECT_TRUE(std::ranges::equal(shallow.tensor(parameter.name.view()), network.tensor(parameter.name.view())));
  }
}

}  // namespace
}  // namespace attar::drop_blocks_test
