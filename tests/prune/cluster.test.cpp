// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cmath>
#include <filesystem>
#include <functional>
#include <limits>
#include <set>
#include <span>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "../io/scratch.hpp"
#include "../support/tiny_data.hpp"
#include <attar/core/rng.hpp>
#include <attar/io/compressed_file.hpp>
#include <attar/loss/hard_labels.hpp>
#include <attar/optim/sgd.hpp>
#include <attar/prune/cluster.hpp>
#include <attar/train/trainer.hpp>

namespace attar::cluster_test {
namespace {

using Net = Sequential<Input<1, 8, 8>, Conv2d<8, Kernel<3>>, BatchNorm2d, ReLU, MaxPool2d<2>, Flatten, Linear<4>>;
using Large = Sequential<Input<1, 28, 28>, Flatten, Linear<1000>, ReLU, Linear<200>, ReLU, Linear<10>>;

std::set<float> different(std::span<const float> numbers) {
  return {numbers.begin(), numbers.end()};
}

/// Every third weight, and the first bias, are held at zero; the buffer does not know yet.
MaskedNetwork<Net> masked_network() {
  MaskedNetwork<Net> masked{Network<Net>{Seed{2}}, {}};
  for (const Parameter& parameter : Net::program.parameters) {
    if (parameter.role != Role::weight) continue;
    for (std::size_t i = 0; i < parameter.size; i += 3) masked.mask.drop(parameter.offset + i);
  }
  return masked;
}

TEST(Cluster, SharesTheWeightsThatAMaskLeaves) {
  const MaskedNetwork<Net> masked = masked_network();
  const auto clustered = cluster<Codebook<Bits<3>, LinearBits<2>>>(masked);
  for (const Parameter& parameter : Net::program.parameters) {
    const auto before = masked.network.buffer().subspan(parameter.offset, parameter.size);
    const auto after = clustered.network.buffer().subspan(parameter.offset, parameter.size);
    if (parameter.role != Role::weight) {
      EXPECT_TRUE(std::ranges::equal(before, after)) << parameter.name.view();
      continue;
    }
    std::set<float> shared;
    float span = 0;
    for (std::size_t i = 0; i < after.size(); ++i) {
      const bool held = i % 3 == 0;
      EXPECT_EQ(clustered.tie.holds(parameter.offset + i), held);
      EXPECT_EQ(clustered.tie.cluster(parameter.offset + i) < 0, held);
      if (held) {
        EXPECT_EQ(after[i], 0);
      } else {
        shared.insert(after[i]);
        span = std::max(span, std::abs(before[i] - after[i]));
      }
    }
    EXPECT_EQ(shared.size(), parameter.rank == 4 ? 8U : 4U);
    EXPECT_FALSE(shared.contains(0));
    const auto [least, most] = std::ranges::minmax(before);
    EXPECT_LT(span, (most - least) / static_cast<float>(shared.size() - 1));
  }
}

TEST(Cluster, WithoutAMaskZerosStayZeros) {
  Network<Net> network{Seed{3}};
  std::ranges::fill(network.tensor("0.weight").first(20), 0.0F);
  std::ranges::fill(network.tensor("5.weight"), 0.0F);
  const auto clustered = cluster<Codebook<Bits<1>>>(network);
  EXPECT_EQ(std::ranges::count(clustered.network.tensor("0.weight"), 0.0F), 20);
  EXPECT_EQ(different(clustered.network.tensor("0.weight")).size(), 3U);
  EXPECT_EQ(different(clustered.network.tensor("5.weight")), std::set<float>{0});
  EXPECT_FALSE(clustered.tie.holds(Net::program.parameter(1).offset));
}

TEST(Cluster, CodebooksAreByCluster) {
  const auto clustered = cluster<Codebook<Bits<4>>>(Network<Net>{Seed{3}});
  const std::vector<float> codebook = clustered.codebook(0);
  EXPECT_EQ(codebook.size(), 16U);
  EXPECT_TRUE(std::ranges::is_sorted(codebook));
  for (std::size_t i = 0; i < Net::program.parameter(0).size; ++i) {
    EXPECT_EQ(clustered.network.buffer()[i], codebook[static_cast<std::size_t>(clustered.tie.cluster(i))]);
  }
  EXPECT_TRUE(clustered.codebook(1).empty());  // The norm's.
}

TEST(Cluster, RefusesWeightsThatAreNotFinite) {
  Network<Net> network{Seed{1}};
  network.tensor("5.weight")[7] = std::numeric_limits<float>::quiet_NaN();
  test::expect_error(ErrorCode::not_finite, "tensor '5.weight'", [&] { (void)cluster(network); });
  MaskedNetwork<Net> masked{network, {}};
  masked.mask.drop(static_cast<std::size_t>(&network.tensor("5.weight")[7] - network.buffer().data()));
  EXPECT_EQ(cluster(masked).network.tensor("5.weight")[7], 0);
}

TEST(Tie, MeansWithinClustersAndTwiceIsOnce) {
  Tie<Net> tie;
  tie.join(0, 0);
  tie.join(1, 255);
  tie.join(2, 0);
  tie.hold(3);
  std::vector<float> numbers(Net::program.trainable_size, 0.1F);
  numbers[0] = 1;
  numbers[1] = 0.3F;
  numbers[2] = 2;
  numbers[3] = std::numeric_limits<float>::quiet_NaN();
  tie(std::span{numbers});
  EXPECT_EQ((std::vector<float>{numbers.begin(), numbers.begin() + 5}), (std::vector{1.5F, 0.3F, 1.5F, 0.0F, 0.1F}));
  EXPECT_EQ(numbers.back(), 0.1F);
  EXPECT_THROW(tie(std::span{numbers}.first(3)), Error);

  Rng rng{Seed{1}};
  for (std::size_t i = 0; i < Net::program.parameter(0).size; ++i) tie.join(i, static_cast<std::uint8_t>(rng.below(3)));
  for (float& number : numbers) number = rng.normal();
  tie(std::span{numbers});
  const std::vector<float> once = numbers;
  tie(std::span{numbers});
  EXPECT_EQ(numbers, once);
}

auto trainer(int epochs, int batch_size) {
  return Trainer{Sgd{.rate = 0.05, .momentum = 0.9, .weight_decay = 1e-3}, Constant{}, Epochs{epochs},
                 TrainOptions{.batch_size = batch_size, .progress = false}};
}

TEST(Tie, OneStepIsTheProjectionOfThePlainOne) {
  const Dataset data = test::corners(64);
  auto tied = cluster<Codebook<Bits<3>>>(masked_network());
  Network<Net> plain = tied.network;
  trainer(1, 64).fit(plain, data, HardLabels<>{});
  tied.tie(plain.trainable());
  trainer(1, 64).fit(tied.network, data, HardLabels<>{}, tied.tie);
  for (std::size_t i = 0; i < plain.trainable().size(); ++i) {
    ASSERT_NEAR(tied.network.trainable()[i], plain.trainable()[i], 1e-6);
  }
}

TEST(Tie, TrainsTheCentroidsAndNothingElse) {
  const Dataset data = test::corners(256);
  auto clustered = cluster<Codebook<Bits<3>>>(masked_network());
  const std::vector<float> before = clustered.codebook(0);
  const History history = trainer(3, 32).fit(clustered.network, data, HardLabels<>{}, clustered.tie);
  EXPECT_LT(history.back().loss, history.front().loss);
  const std::vector<float> after = clustered.codebook(0);
  ASSERT_EQ(after.size(), before.size());
  for (std::size_t i = 0; i < after.size(); ++i) EXPECT_NE(after[i], before[i]);
  for (std::size_t index = 0; index < Net::program.parameters.size(); ++index) {
    const Parameter& parameter = Net::program.parameters[index];
    if (parameter.role != Role::weight) continue;
    const std::vector<float> codebook = clustered.codebook(static_cast<int>(index));
    for (std::size_t i = parameter.offset; i < parameter.offset + parameter.size; ++i) {
      const int label = clustered.tie.cluster(i);
      ASSERT_EQ(clustered.network.buffer()[i], label < 0 ? 0 : codebook[static_cast<std::size_t>(label)]);
    }
  }
}

/// Normally distributed weights of which the largest stay, as many as that.
Network<Large> pruned_network(double density) {
  Network<Large> network;
  for (std::size_t index = 0; index < Large::program.parameters.size(); ++index) {
    Rng rng{Seed{1}, index};
    const Parameter& parameter = Large::program.parameters[index];
    const auto numbers = network.tensor(static_cast<int>(index));
    std::vector<float> sizes;
    for (float& number : numbers) {
      number = 0.05F * rng.normal();
      sizes.push_back(std::abs(number));
    }
    if (parameter.role != Role::weight) continue;
    const auto kept = static_cast<std::ptrdiff_t>(density * static_cast<double>(sizes.size()));
    std::ranges::nth_element(sizes, sizes.begin() + kept, std::greater<>{});
    const float least = sizes[static_cast<std::size_t>(kept)];
    for (float& number : numbers) number = std::abs(number) > least ? number : 0;
  }
  return network;
}

/// How many times smaller the file of a million weights gets.
template <class Policy>
double ratio(double density) {
  const test::Scratch scratch;
  const auto clustered = cluster<Policy>(pruned_network(density));
  save(clustered.network, scratch / "plain.safetensors");
  save_compressed(clustered.network, scratch / "compressed.safetensors");
  const auto loaded = load_compressed<Network<Large>>(scratch / "compressed.safetensors");
  EXPECT_TRUE(std::ranges::equal(loaded.buffer(), clustered.network.buffer()));
  return static_cast<double>(std::filesystem::file_size(scratch / "plain.safetensors")) /
         static_cast<double>(std::filesystem::file_size(scratch / "compressed.safetensors"));
}

TEST(Cluster, DeepCompressionOfAMillionWeights) {
  // The entropy of independent places and numbers allows 35.1, 38.5, 42.1 and 61.7.
  EXPECT_GT(ratio<Codebook<Bits<5>>>(0.10), 34);
  EXPECT_GT(ratio<Codebook<Bits<4>>>(0.10), 37);
  EXPECT_GT(ratio<Codebook<Bits<5>>>(0.08), 41);
  EXPECT_GT(ratio<Codebook<Bits<5>>>(0.05), 60);
}

}  // namespace
}  // namespace attar::cluster_test
