// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <limits>
#include <span>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "../support/small_networks.hpp"
#include <attar/io/mixed_file.hpp>
#include <attar/model/fold_batch_norm.hpp>

namespace attar::mixed_file_test {
namespace {

using enum LayerPrecision;

using Net = test::MobileNetV3Like;
using Folded = fold_batch_norm_t<Net>;
using Mixed = MixedNetwork<Folded>;

constexpr std::size_t row_count = Folded::program.rows.size();

QuantizedNetwork<Folded> integers() {
  QuantizedNetwork<Folded> network;
  Rng rng{Seed{5}};
  for (auto& tensor : named_tensors(network)) {
    for (std::byte& byte : tensor.bytes) byte = static_cast<std::byte>(rng.below(60));
  }
  for (float& scale : network.activation_scales()) scale = 0.5F + rng.uniform();
  for (auto& flag : network.signed_values()) flag = 1;
  for (std::size_t i = 0; i < Folded::program.parameters.size(); ++i) {
    if (Folded::program.parameters[i].role != Role::weight) continue;
    for (float& scale : network.weight_scales(static_cast<int>(i))) scale = 0.1F + rng.uniform();
  }
  return network;
}

Mixed mixed(Seed seed) {
  std::vector<LayerPrecision> rows(row_count);
  Rng rng{seed};
  for (LayerPrecision& precision : rows) precision = static_cast<LayerPrecision>(rng.below(3));
  return {integers(), fold_batch_norm(test::lived_in<Net>(Seed{1})), rows};
}

std::filesystem::path temporary(const std::string& name) {
  return std::filesystem::path{testing::TempDir()} / name;
}

/// All that a network is, to compare.
std::vector<std::byte> all_bytes(const Mixed& network) {
  std::vector<std::byte> bytes;
  const auto append = [&](auto numbers) {
    const auto part = std::as_bytes(numbers);
    bytes.insert(bytes.end(), part.begin(), part.end());
  };
  for (const auto& tensor : named_tensors(network)) append(tensor.bytes);
  const MixedModel model = network.model();
  append(model.parameters);
  append(model.precisions);
  append(model.int8.weights);
  append(model.int8.floats);
  append(model.int8.weight_scales);
  return bytes;
}

template <class Call>
ErrorCode code_of(Call&& call) {
  try {
    call();
  } catch (const Error& error) {
    return error.code();
  }
  ADD_FAILURE() << "no error";
  return ErrorCode::interrupted;
}

TEST(MixedFile, BringsBackEveryBit) {
  for (std::uint64_t i = 0; i < 8; ++i) {
    const auto path = temporary("mixed.safetensors");
    const Mixed network = mixed(Seed{i});
    save(network, path);
    EXPECT_EQ(all_bytes(load<Mixed>(path)), all_bytes(network));
  }
}

TEST(MixedFile, BringsBackZeroPointsAndChecksThem) {
  using Affine = QuantizedNetwork<Folded, Int8<Asymmetric>>;
  const auto path = temporary("affine.safetensors");
  Affine affine;
  affine.zero_points()[1] = 200;
  const std::vector<LayerPrecision> rows(row_count, fp32);
  const Network<Folded> floats = fold_batch_norm(test::lived_in<Net>(Seed{1}));
  save(MixedNetwork{affine, floats, std::span{rows}}, path);
  EXPECT_EQ((load<MixedNetwork<Folded, Int8<Asymmetric>>>(path).model().int8.zero_point(1)), 200);
  EXPECT_EQ(code_of([&] { (void)load<Mixed>(path); }), ErrorCode::architecture_mismatch);
  affine.signed_values()[1] = 1;
  save(MixedNetwork{affine, floats, std::span{rows}}, path);
  EXPECT_EQ(code_of([&] { (void)load<MixedNetwork<Folded, Int8<Asymmetric>>>(path); }), ErrorCode::invalid_data);
}

TEST(MixedFile, HoldsNoTensorTwice) {
  const auto path = temporary("once.safetensors");
  const Mixed network = mixed(Seed{3});
  save(network, path);
  std::size_t bytes = 0;
  std::vector<std::string> names;
  const SafetensorsFile file = SafetensorsFile::open(path);
  for (const StoredTensor& tensor : file.tensors()) {
    bytes += tensor.data.size();
    names.push_back(tensor.name);
  }
  std::ranges::sort(names);
  EXPECT_EQ(std::ranges::adjacent_find(names), names.end());
  EXPECT_EQ(bytes, network.bytes());
}

/// A file with one tensor spoilt.
std::filesystem::path spoilt(const std::string& name, auto&& spoil) {
  const Mixed network = mixed(Seed{4});
  std::vector<TensorEntry> entries;
  std::vector<std::vector<std::byte>> kept;
  for (const auto& tensor : named_tensors(network)) kept.emplace_back(tensor.bytes.begin(), tensor.bytes.end());
  std::size_t at = 0;
  for (const auto& tensor : named_tensors(network)) {
    if (tensor.name == name) spoil(kept[at]);
    if (!kept[at].empty()) {
      entries.push_back({.name = tensor.name, .dtype = tensor.dtype, .shape = tensor.shape, .data = kept[at]});
    }
    ++at;
  }
  const auto path = temporary("spoilt.safetensors");
  write_safetensors(path, entries, {});
  return path;
}

void expect_refused(const std::filesystem::path& path, ErrorCode code) {
  Mixed network = mixed(Seed{9});
  const std::vector<std::byte> before = all_bytes(network);
  EXPECT_EQ(code_of([&] { load_into(network, SafetensorsFile::open(path), path.string()); }), code);
  EXPECT_EQ(all_bytes(network), before);
}

TEST(MixedFile, RefusesPrecisionsThatAreNone) {
  expect_refused(spoilt("precision", [](auto& bytes) { bytes[2] = std::byte{3}; }), ErrorCode::invalid_data);
  expect_refused(spoilt("precision", [](auto& bytes) { bytes.clear(); }), ErrorCode::architecture_mismatch);
  // Another precision asks for other tensors.
  expect_refused(spoilt("precision",
                        [](auto& bytes) {
                          for (std::byte& byte : bytes) byte = byte == std::byte{0} ? std::byte{2} : std::byte{0};
                        }),
                 ErrorCode::architecture_mismatch);
}

TEST(MixedFile, RefusesScalesThatCannotBe) {
  for (const float bad :
       {0.0F, -1.0F, std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
    const auto put = [&](auto& bytes) {
      const auto source = std::as_bytes(std::span{&bad, 1});
      std::ranges::copy(source, bytes.begin());
    };
    expect_refused(spoilt("activation_scale", put), ErrorCode::invalid_data);
  }
}

TEST(MixedFile, RefusesFilesOfOtherNetworks) {
  const auto path = temporary("floats.safetensors");
  save(fold_batch_norm(test::lived_in<Net>(Seed{1})), path);
  expect_refused(path, ErrorCode::architecture_mismatch);
  save(integers(), path);
  expect_refused(path, ErrorCode::architecture_mismatch);
}

}  // namespace
}  // namespace attar::mixed_file_test
