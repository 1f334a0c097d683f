// SPDX-License-Identifier: MIT
#include <algorithm>
#include <filesystem>
#include <optional>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "../support/same_program.hpp"
#include <attar/io/model_file.hpp>
#include <attar/model/narrowed_network.hpp>

namespace attar::test::narrowed_network_test {
namespace {

template <int First, int Second>
using Net = Sequential<Input<3, 8, 8>, Conv2d<First, Kernel<3>>, BatchNorm2d, ReLU, Conv2d<Second>, BatchNorm2d,
                       GlobalAvgPool, Linear<4>>;
using Wide = Net<16, 24>;
using Narrow = Net<5, 7>;

NarrowedNetwork<Wide> random_narrowed() {
  NarrowedNetwork<Wide> network{{5, 7, 4}};
  initialize<float>(network.program, network.buffer(), Seed{3});
  return network;
}

TEST(NarrowedNetwork, IsAValueWithTheProgramOfItsWidths) {
  std::optional<NarrowedNetwork<Wide>> first{random_narrowed()};
  NarrowedNetwork<Wide> copy = *first;
  first.reset();
  expect_same_program(copy.program, Narrow::program);
  EXPECT_EQ(copy.widths(), (Widths{5, 7, 4}));
  const NarrowedNetwork<Wide> moved = std::move(copy);
  expect_same_program(moved.program, Narrow::program);
  EXPECT_TRUE(std::ranges::equal(moved.buffer(), Network<Narrow>{Seed{3}}.buffer()));
  EXPECT_EQ(moved.trainable().size(), Narrow::program.trainable_size);
}

TEST(NarrowedNetwork, MustKeepItsOutput) {
  try {
    static_cast<void>(NarrowedNetwork<Wide>{{5, 7, 3}});
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::invalid_argument);
    EXPECT_EQ(error.expected(), "an output of 4x1x1");
  }
}

TEST(NarrowedNetwork, IsSavedAsTheNetworkOfThatType) {
  const auto path = std::filesystem::path{testing::TempDir()} / "narrowed.safetensors";
  const NarrowedNetwork<Wide> network = random_narrowed();
  save(network, path);
  EXPECT_TRUE(std::ranges::equal(load<Network<Narrow>>(path).buffer(), network.buffer()));
  NarrowedNetwork<Wide> again{network.widths()};
  load_into(again, SafetensorsFile::open(path), path.string());
  EXPECT_TRUE(std::ranges::equal(again.buffer(), network.buffer()));
  NarrowedNetwork<Wide> other{{5, 8, 4}};
  EXPECT_THROW(load_into(other, SafetensorsFile::open(path), path.string()), Error);
}

TEST(NarrowedNetwork, FoldsItsNormsAsTheNetworkOfThatTypeDoes) {
  NarrowedNetwork<Wide> network = random_narrowed();
  for (std::size_t i = 0; i < network.buffer().size(); ++i) network.buffer()[i] += 0.01F * static_cast<float>(i % 7);
  Network<Narrow> same;
  std::ranges::copy(network.buffer(), same.buffer().begin());
  const auto folded = fold_batch_norm(network);
  const auto expected = fold_batch_norm(same);
  expect_same_program(folded.program, expected.program);
  EXPECT_TRUE(std::ranges::equal(folded.buffer(), expected.buffer()));
}

}  // namespace
}  // namespace attar::test::narrowed_network_test
