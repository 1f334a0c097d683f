// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "scratch.hpp"
#include <attar/core/rng.hpp>
#include <attar/io/compressed_file.hpp>
#include <attar/io/few_bits.hpp>
#include <attar/io/model_file.hpp>
#include <attar/model/quantized_network.hpp>

namespace attar::few_bits_test {
namespace {

/// Weights of 27, 3, 1 and 15 numbers: none of them fills its last byte.
using Odd = Sequential<Input<3, 5, 5>, Conv2d<1, Kernel<3>>, ReLU, Conv2d<3>, ReLU, GlobalAvgPool, Linear<5>>;
using One = Sequential<Input<1, 2, 2>, Conv2d<1>, Flatten, Linear<3>>;
template <class A, int Bits>
using Few = QuantizedNetwork<A, Int8<WeightBits<Bits>>>;

template <class Model>
Model filled(Seed seed) {
  Model model;
  Rng rng{seed};
  constexpr int limit = Model::Scheme::weight_limit;
  for (std::size_t i = 0; i < Model::program.parameters.size(); ++i) {
    if (Model::program.parameters[i].role != Role::weight) continue;
    for (std::int8_t& weight : model.weight(static_cast<int>(i))) {
      weight = static_cast<std::int8_t>(static_cast<int>(rng.below(2 * limit + 1)) - limit);
    }
  }
  return model;
}

template <class Model>
std::vector<std::byte> all_bytes(const Model& model) {
  std::vector<std::byte> bytes;
  for (const auto& tensor : named_tensors(model)) bytes.insert(bytes.end(), tensor.bytes.begin(), tensor.bytes.end());
  return bytes;
}

template <class Model>
void expect_round_trips() {
  const test::Scratch scratch;
  const Model model = filled<Model>(Seed{3});
  save(model, scratch / "model");
  EXPECT_EQ(all_bytes(load<Model>(scratch / "model")), all_bytes(model));
  std::size_t bytes = 0;
  for (const StoredTensor& tensor : SafetensorsFile::open(scratch / "model").tensors()) bytes += tensor.data.size();
  EXPECT_EQ(bytes, Model::bytes);
  save_compressed(model, scratch / "compressed");
  EXPECT_EQ(all_bytes(load_compressed<Model>(scratch / "compressed")), all_bytes(model));
}

TEST(FewBits, FilesBringBackEveryWeight) {
  expect_round_trips<Few<Odd, 4>>();
  expect_round_trips<Few<Odd, 2>>();
  expect_round_trips<Few<One, 4>>();
  expect_round_trips<Few<One, 2>>();
}

/// The bytes of the weights in the file, by hand: -1 is 0xF of 4 bits and 3 of 2, the first weight lowest.
std::vector<int> stored(const std::filesystem::path& path, const std::string& name) {
  const SafetensorsFile file = SafetensorsFile::open(path);
  std::vector<int> bytes;
  for (const std::byte byte : file.find(name)->data) bytes.push_back(std::to_integer<int>(byte));
  return bytes;
}

TEST(FewBits, AreWhereTheFormatSays) {
  const test::Scratch scratch;
  Few<One, 4> four;
  std::ranges::copy(std::vector<std::int8_t>{-7, 1, 0, 7, -1, 2, 3, -4, 5, 0, 0, -3}, four.weight(1).begin());
  four.weight(0)[0] = -1;
  save(four, scratch / "four");
  EXPECT_EQ(stored(scratch / "four", "2.weight"), (std::vector<int>{0x19, 0x70, 0x2F, 0xC3, 0x05, 0xD0}));
  EXPECT_EQ(stored(scratch / "four", "0.weight"), (std::vector<int>{0x0F}));
  const SafetensorsFile file = SafetensorsFile::open(scratch / "four");
  EXPECT_EQ(file.find("2.weight")->type, "U8");
  EXPECT_EQ(file.find("2.weight")->shape, (std::vector<std::int64_t>{6}));
  EXPECT_EQ(file.metadata("attar.packed.2.weight"), R"({"bits": 4, "shape": [3, 4]})");
  EXPECT_EQ(file.metadata("attar.packed.0.weight"), R"({"bits": 4, "shape": [1, 1, 1, 1]})");
  EXPECT_FALSE(file.metadata("attar.packed.2.bias"));

  Few<One, 2> two;
  std::ranges::copy(std::vector<std::int8_t>{-1, 0, 1, 1, 0, 0, 0, -1, 1, -1, -1, -1}, two.weight(1).begin());
  save(two, scratch / "two");
  EXPECT_EQ(stored(scratch / "two", "2.weight"), (std::vector<int>{0b01'01'00'11, 0b11'00'00'00, 0b11'11'11'01}));
  EXPECT_EQ(SafetensorsFile::open(scratch / "two").metadata("attar.packed.2.weight"),
            R"({"bits": 2, "shape": [3, 4]})");
}

/// A file of `model` in which a tensor and metadata are changed, with checksums that are right.
template <class Model, class Change>
void write_changed(const Model& model, const std::filesystem::path& path, Change&& change) {
  save(model, path);
  const SafetensorsFile file = SafetensorsFile::open(path);
  std::vector<std::vector<std::byte>> data;
  std::vector<TensorEntry> entries;
  for (const StoredTensor& tensor : file.tensors()) {
    data.emplace_back(tensor.data.begin(), tensor.data.end());
    entries.push_back({.name = tensor.name, .dtype = *tensor.dtype, .shape = tensor.shape, .data = {}});
  }
  Metadata metadata = file.metadata();
  for (std::size_t i = 0; i < entries.size(); ++i) change(entries[i], data[i], metadata);
  for (std::size_t i = 0; i < entries.size(); ++i) entries[i].data = data[i];
  write_safetensors(path, entries, metadata);
}

/// The file must be refused, and the model stay as it was.
template <class Model, class Change>
void expect_refused(ErrorCode code, const char* why, Change&& change) {
  const test::Scratch scratch;
  write_changed(filled<Model>(Seed{4}), scratch / "model", change);
  Model model = filled<Model>(Seed{5});
  const std::vector<std::byte> before = all_bytes(model);
  const SafetensorsFile file = SafetensorsFile::open(scratch / "model");
  test::expect_error(code, why, [&] { load_into(model, file, "model"); });
  EXPECT_EQ(all_bytes(model), before);
}

template <class Model>
void expect_refused_byte(std::size_t place, int byte, const char* why) {
  expect_refused<Model>(ErrorCode::file_damaged, why, [&](TensorEntry& entry, std::vector<std::byte>& data, Metadata&) {
    if (entry.name == "0.weight") data[place] = static_cast<std::byte>(byte);
  });
}

TEST(FewBits, RefusesCodesThatCannotBe) {
  expect_refused_byte<Few<Odd, 4>>(3, 0x81, "tensor '0.weight': expected weights from -7 to 7, found -8");
  expect_refused_byte<Few<Odd, 4>>(3, 0x18, "expected weights from -7 to 7, found -8");
  expect_refused_byte<Few<Odd, 4>>(13, 0x10, "expected zeros behind the last weight, found 1");
  expect_refused_byte<Few<Odd, 2>>(0, 0b00'10'00'00, "expected weights from -1 to 1, found -2");
  expect_refused_byte<Few<Odd, 2>>(6, 0b01'00'00'00, "expected zeros behind the last weight, found 1");
  expect_refused_byte<Few<One, 2>>(0, 0b00'10'00'00, "expected zeros behind the last weight, found 2");
}

TEST(FewBits, RefusesOtherSizesAndDescriptions) {
  const auto refused = [](const char* why, auto&& change) {
    expect_refused<Few<Odd, 4>>(ErrorCode::architecture_mismatch, why,
                                [&](TensorEntry& entry, std::vector<std::byte>& data, Metadata& metadata) {
                                  if (entry.name == "0.weight") change(entry, data, metadata);
                                });
  };
  refused("0.weight: expected U8[14], found U8[15]", [](TensorEntry& entry, auto& data, Metadata&) {
    data.push_back(std::byte{0});
    entry.shape = {15};
  });
  refused("0.weight: expected U8[14], found I8[14]",
          [](TensorEntry& entry, auto&, Metadata&) { entry.dtype = DType::s8; });
  refused(R"(expected packed weights of '{"bits": 4, "shape": [1, 3, 3, 3]}', found '')",
          [](TensorEntry&, auto&, Metadata& metadata) { metadata.erase("attar.packed.0.weight"); });
  refused(R"(found '{"bits": 4, "shape": [3, 1, 3, 3]}')", [](TensorEntry&, auto&, Metadata& metadata) {
    metadata["attar.packed.0.weight"] = R"({"bits": 4, "shape": [3, 1, 3, 3]})";
  });
}

TEST(FewBits, FilesOfOtherBitsAreOthers) {
  const test::Scratch scratch;
  const auto path = scratch / "model";
  const auto refused = [&]<class Model>(const Model&, const char* why) {
    test::expect_error(ErrorCode::architecture_mismatch, why, [&] { (void)load<Model>(path); });
  };
  save(Few<Odd, 4>{}, path);
  refused(Few<Odd, 2>{}, "0.weight: expected U8[7], found U8[14]");
  refused(Few<Odd, 8>{}, "0.weight: expected I8[1, 3, 3, 3], found U8[14]");
  save(Few<Odd, 8>{}, path);
  refused(Few<Odd, 4>{}, "0.weight: expected U8[14], found I8[1, 3, 3, 3]");
  // One weight takes a byte with 4 bits as with 2.
  using Single = Sequential<Input<1, 2, 2>, Conv2d<1>, GlobalAvgPool>;
  save(Few<Single, 4>{}, path);
  refused(Few<Single, 2>{}, R"(expected packed weights of '{"bits": 2, "shape": [1, 1, 1, 1]}', found '{"bits": 4)");
}

TEST(FewBits, WritesNoFileOfWeightsThatDoNotFit) {
  const test::Scratch scratch;
  Few<Odd, 4> model;
  model.weight(0)[5] = -8;
  test::expect_error(ErrorCode::invalid_data, "tensor '0.weight': expected weights from -7 to 7, found -8",
                     [&] { save(model, scratch / "model"); });
  EXPECT_EQ(scratch.count(), 0);
}

TEST(FewBits, CompressedFilesAreHeldToTheSameLimits) {
  Few<Odd, 2> model = filled<Few<Odd, 2>>(Seed{1});
  model.weight(0)[3] = 2;
  const std::vector<std::byte> bytes = detail::pack_model(model);
  test::expect_error(ErrorCode::file_damaged, "expected weights from -1 to 1, found 2",
                     [&] { detail::unpack_model(model, bytes, "model"); });
  EXPECT_EQ(compressed_size(model)[0].plain_bytes, 7U);
  EXPECT_EQ(compressed_size(model)[0].elements, 27U);
}

}  // namespace
}  // namespace attar::few_bits_test
