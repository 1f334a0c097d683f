// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cmath>
#include <filesystem>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "scratch.hpp"
#include <attar/core/rng.hpp>
#include <attar/io/compressed_file.hpp>
#include <attar/io/file.hpp>
#include <attar/model/quantized_network.hpp>

namespace attar::compressed_file_test {
namespace {

using Net = Sequential<Input<1, 8, 8>, Conv2d<4, Kernel<3>>, BatchNorm2d, ReLU, GlobalAvgPool, Linear<3>>;
using Strided =
    Sequential<Input<1, 8, 8>, Conv2d<4, Kernel<3>, Stride<2>>, BatchNorm2d, ReLU, GlobalAvgPool, Linear<3>>;
using Wide = Sequential<Input<4, 8, 8>, Conv2d<24, Kernel<3>>, ReLU, Flatten, Linear<10>>;

/// Some of the weights are zero, the others are among seven numbers.
template <class A>
Network<A> sparse_network(Seed seed) {
  Network<A> network{seed};
  Rng rng{seed};
  for (const Parameter& parameter : A::program.parameters) {
    if (parameter.role != Role::weight) continue;
    for (float& weight : network.buffer().subspan(parameter.offset, parameter.size)) {
      weight = rng.below(4) > 0 ? 0 : static_cast<float>(1 + rng.below(7)) * 0.3F;
    }
  }
  return network;
}

template <class A>
QuantizedNetwork<A> quantized_network(Seed seed) {
  QuantizedNetwork<A> network;
  Rng rng{seed};
  for (std::size_t i = 0; i < A::program.parameters.size(); ++i) {
    const int index = static_cast<int>(i);
    if (A::program.parameters[i].role == Role::weight) {
      for (std::int8_t& weight : network.weight(index)) {
        weight = static_cast<std::int8_t>(rng.below(10) > 0 ? 0.0F : 20 * rng.normal());
      }
      for (float& scale : network.weight_scales(index)) scale = 0.01F + rng.uniform();
    } else {
      for (float& number : network.numbers(index)) number = rng.normal();
    }
  }
  return network;
}

template <class Model>
std::vector<std::byte> all_bytes(const Model& model) {
  std::vector<std::byte> bytes;
  for (const auto& tensor : named_tensors(model)) bytes.insert(bytes.end(), tensor.bytes.begin(), tensor.bytes.end());
  return bytes;
}

template <class Model>
void expect_round_trip(const Model& model) {
  const test::Scratch scratch;
  const auto path = scratch / "model.safetensors";
  save_compressed(model, path);
  EXPECT_EQ(all_bytes(load_compressed<Model>(path)), all_bytes(model));
  EXPECT_EQ(all_bytes(load_compressed<Model>(read_file(path).span(), "in memory")), all_bytes(model));
}

TEST(CompressedFile, BringsBackEveryBit) {
  expect_round_trip(Network<Net>{Seed{3}});
  expect_round_trip(sparse_network<Net>(Seed{4}));
  expect_round_trip(Network<Net, double>{Seed{3}});
  expect_round_trip(Network<Net>{});
  expect_round_trip(quantized_network<Wide>(Seed{5}));
}

TEST(CompressedFile, IsSmallerAndSaysWhatItIs) {
  const test::Scratch scratch;
  const auto path = scratch / "model.safetensors";
  const auto plain = scratch / "plain.safetensors";
  const auto network = sparse_network<Wide>(Seed{4});
  save(network, plain);
  save_compressed(network, path, {{"made.by", "a test"}});
  EXPECT_LT(10 * std::filesystem::file_size(path), std::filesystem::file_size(plain));
  const auto file = SafetensorsFile::open(path);
  EXPECT_EQ(file.metadata("made.by"), "a test");
  EXPECT_EQ(file.metadata("attar.compressed"), "1");
  std::size_t bytes = 0;
  for (const CompressedTensor& row : compressed_size(network)) bytes += row.bytes;
  EXPECT_EQ(file.find("compressed")->data.size(), bytes);
  EXPECT_LT(std::filesystem::file_size(path), bytes + 500);
}

TEST(CompressedFile, SizesAreByTensor) {
  const auto network = sparse_network<Wide>(Seed{4});
  const std::vector<CompressedTensor> rows = compressed_size(network);
  ASSERT_EQ(rows.size(), 3U);
  EXPECT_EQ(rows[1].name, "3.weight");
  EXPECT_EQ(rows[1].elements, 10 * 24 * 64);
  EXPECT_EQ(rows[1].plain_bytes, 4 * rows[1].elements);
  const auto weights = network.tensor("3.weight");
  EXPECT_EQ(rows[1].non_zeros, weights.size() - static_cast<std::size_t>(std::ranges::count(weights, 0.0F)));
  EXPECT_NE(rows[1].encoding.find("codebook"), std::string::npos);
  EXPECT_EQ(rows[2].elements, 10);
}

TEST(CompressedFile, Int8WithZerosIsSmallerThanItsBytes) {
  const auto network = quantized_network<Wide>(Seed{6});
  const CompressedTensor row = compressed_size(network)[2];
  EXPECT_EQ(row.name, "3.weight");
  EXPECT_EQ(row.plain_bytes, row.elements);
  EXPECT_LT(5 * row.bytes, row.plain_bytes);  // One in ten, of 6.4 bits; the entropy is 1.1 bits per weight.
}

TEST(CompressedFile, RefusesOtherFilesAndArchitectures) {
  const test::Scratch scratch;
  const auto path = scratch / "model.safetensors";
  const auto refused = [&](ErrorCode code, const char* why) {
    test::expect_error(code, why, [&] { (void)load_compressed<Network<Net>>(path); });
  };
  refused(ErrorCode::file_not_found, "model.safetensors");
  save(Network<Net>{Seed{1}}, path);
  refused(ErrorCode::unsupported, "a file that is not compressed");
  save_compressed(Network<Strided>{Seed{1}}, path);
  refused(ErrorCode::architecture_mismatch, "fingerprint");
  save_compressed(Network<Net, double>{Seed{1}}, path);
  refused(ErrorCode::architecture_mismatch, "tensor '0.weight': expected 36 elements of 4 bytes, found 36 of 8");
  save_compressed(QuantizedNetwork<Net>{}, path);
  refused(ErrorCode::architecture_mismatch, "36 of 1");
  test::expect_error(ErrorCode::architecture_mismatch, "compressed", [&] { (void)load<QuantizedNetwork<Net>>(path); });
}

/// A compressed file with checksums that are right and whatever else.
void write(const std::filesystem::path& path, const std::string& tensor, const std::vector<std::byte>& bytes,
           Metadata metadata) {
  const std::vector<TensorEntry> entries{{tensor, DType::u8, {static_cast<std::int64_t>(bytes.size())}, bytes}};
  write_safetensors(path, entries, std::move(metadata));
}

TEST(CompressedFile, RefusesWhatCannotBe) {
  const test::Scratch scratch;
  const auto path = scratch / "model.safetensors";
  const auto refused = [&](ErrorCode code, const char* why) {
    test::expect_error(code, why, [&] { (void)load_compressed<Network<Net>>(path); });
  };
  const Metadata good{{"attar.compressed", "1"}, {"attar.fingerprint", fingerprint_text(Net::program)}};
  std::vector<std::byte> bytes = detail::pack_model(sparse_network<Net>(Seed{1}));
  write(path, "compressed", bytes, good);
  EXPECT_EQ(all_bytes(load_compressed<Network<Net>>(path)), all_bytes(sparse_network<Net>(Seed{1})));
  write(path, "compressed", bytes, {{"attar.compressed", "2"}, {"attar.fingerprint", good.at("attar.fingerprint")}});
  refused(ErrorCode::unsupported, "version '2'");
  write(path, "compressed", bytes, {{"attar.compressed", "1"}});
  refused(ErrorCode::architecture_mismatch, "fingerprint");
  write(path, "other", bytes, good);
  refused(ErrorCode::file_damaged, "with the name 'compressed'");
  bytes.push_back(std::byte{0});
  write(path, "compressed", bytes, good);
  refused(ErrorCode::file_damaged, "the end of the data");
  bytes.resize(bytes.size() - 2);
  write(path, "compressed", bytes, good);
  refused(ErrorCode::file_damaged, "tensor '4.bias': expected more data");
}

TEST(CompressedFile, WhatFailsLeavesTheNetworkAsItWas) {
  const test::Scratch scratch;
  const auto path = scratch / "model.safetensors";
  std::vector<std::byte> bytes = detail::pack_model(Network<Net>{Seed{1}});
  bytes.pop_back();
  write(path, "compressed", bytes, {{"attar.compressed", "1"}, {"attar.fingerprint", fingerprint_text(Net::program)}});
  Network<Net> network{Seed{2}};
  const SafetensorsFile file = SafetensorsFile::open(path);
  test::expect_error(ErrorCode::file_damaged, "here", [&] { load_compressed_into(network, file, "here"); });
  EXPECT_EQ(all_bytes(network), all_bytes(Network<Net>{Seed{2}}));
}

TEST(CompressedFile, FindsEveryChangedByteOfAFile) {
  const test::Scratch scratch;
  const auto path = scratch / "model.safetensors";
  save_compressed(sparse_network<Net>(Seed{1}), path);
  const std::string good = test::get(path);
  for (std::size_t place = 0; place < good.size(); ++place) {
    for (const int change : {0x01, 0x80, 0xFF}) {
      std::string changed = good;
      changed[place] = static_cast<char>(changed[place] ^ change);
      test::put(path, changed);
      ASSERT_TRUE(test::error_of([&] { (void)load_compressed<Network<Net>>(path); })) << place;
    }
    test::put(path, good.substr(0, place));
    ASSERT_TRUE(test::error_of([&] { (void)load_compressed<Network<Net>>(path); })) << "cut at " << place;
  }
}

/// Without the checksums, so that the decoder sees the damage.
template <class Model>
void expect_no_harm(const Model& model) {
  const std::vector<std::byte> good = detail::pack_model(model);
  const auto harmless = [](const std::vector<std::byte>& bytes) {
    Model target;
    const auto error = test::error_of([&] { detail::unpack_model(target, bytes, "damaged"); });
    return !error || error->code() == ErrorCode::file_damaged || error->code() == ErrorCode::architecture_mismatch;
  };
  for (std::size_t place = 0; place < good.size(); ++place) {
    for (int change = 1; change < 256; change += place % 7 == 0 ? 1 : 36) {
      std::vector<std::byte> changed = good;
      changed[place] ^= static_cast<std::byte>(change);
      ASSERT_TRUE(harmless(changed)) << place;
    }
    std::vector<std::byte> cut{good.begin(), good.begin() + static_cast<std::ptrdiff_t>(place)};
    Model target;
    ASSERT_TRUE(test::error_of([&] { detail::unpack_model(target, cut, "cut"); })) << place;
  }
  Rng rng{Seed{8}};
  for (int round = 0; round < 2000; ++round) {
    std::vector<std::byte> noise(rng.below(200));
    for (std::byte& byte : noise) byte = static_cast<std::byte>(rng.bits());
    std::ranges::copy_n(good.begin(), std::min<std::ptrdiff_t>(rng.below(40), std::ssize(noise)), noise.begin());
    ASSERT_TRUE(harmless(noise));
  }
}

TEST(CompressedFile, DamageDoesNoHarm) {
  expect_no_harm(sparse_network<Net>(Seed{1}));
  expect_no_harm(quantized_network<Net>(Seed{2}));
}

}  // namespace
}  // namespace attar::compressed_file_test
