// SPDX-License-Identifier: MIT
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <attar/io/file.hpp>
#include <attar/io/model_file.hpp>
#include <attar/model/network.hpp>
#include <attar/model/quantized_network.hpp>

namespace attar::model_file_test {
namespace {

using Net = Sequential<Input<1, 8, 8>, Conv2d<4, Kernel<3>>, BatchNorm2d, ReLU, GlobalAvgPool, Linear<3>>;
using Wider = Sequential<Input<1, 8, 8>, Conv2d<5, Kernel<3>>, BatchNorm2d, ReLU, GlobalAvgPool, Linear<3>>;
using Strided =
    Sequential<Input<1, 8, 8>, Conv2d<4, Kernel<3>, Stride<2>>, BatchNorm2d, ReLU, GlobalAvgPool, Linear<3>>;

std::filesystem::path temporary(const std::string& name) {
  return std::filesystem::path{testing::TempDir()} / name;
}

template <class A>
std::vector<float> numbers(const Network<A>& network) {
  return {network.buffer().begin(), network.buffer().end()};
}

template <class Call>
Error error_of(Call&& call) {
  try {
    call();
  } catch (const Error& error) {
    return error;
  }
  ADD_FAILURE() << "no error";
  return Error{ErrorCode::interrupted, "", "", ""};
}

TEST(ModelFile, BringsBackEveryBit) {
  const auto path = temporary("net.safetensors");
  const Network<Net> network{Seed{3}};
  save(network, path, {{"trained.on", "nothing"}});
  EXPECT_EQ(numbers(load<Network<Net>>(path)), numbers(network));
  EXPECT_EQ(SafetensorsFile::open(path).metadata("trained.on"), "nothing");
}

TEST(ModelFile, HoldsZeroPointsWhereTheSchemeHas) {
  using Affine = quantize_t<Net, Int8<Asymmetric>>;
  using Plain = quantize_t<Net, Int8<>>;
  const auto path = temporary("affine.safetensors");
  Affine network;
  network.zero_points()[2] = 201;
  save(network, path);
  EXPECT_EQ(load<Affine>(path).model().zero_point(2), 201);
  EXPECT_NE(std::string{error_of([&] { (void)load<Plain>(path); }).what()}.find(
                "activation_zero_point: not in the architecture"),
            std::string::npos);
  save(Plain{}, path);
  EXPECT_EQ(SafetensorsFile::open(path).find("activation_zero_point"), nullptr);
  EXPECT_NE(std::string{error_of([&] { (void)load<Affine>(path); }).what()}.find("activation_zero_point: missing"),
            std::string::npos);
}

TEST(ModelFile, NamesEveryDifferenceAtOnce) {
  const auto path = temporary("wider.safetensors");
  save(Network<Wider>{Seed{1}}, path);
  Network<Net> network{Seed{2}};
  const std::vector<float> before = numbers(network);
  const Error error = error_of([&] { load_into(network, SafetensorsFile::open(path), path.string()); });
  EXPECT_EQ(error.code(), ErrorCode::architecture_mismatch);
  const std::string message = error.what();
  for (const char* part :
       {"wider.safetensors", "0.weight: expected F32[4, 1, 3, 3], found F32[5, 1, 3, 3]",
        "1.running_var: expected F32[4], found F32[5]", "4.weight: expected F32[3, 4], found F32[3, 5]"}) {
    EXPECT_NE(message.find(part), std::string::npos) << part << "\nis not in\n" << message;
  }
  EXPECT_EQ(numbers(network), before);
}

TEST(ModelFile, TellsArchitecturesApartThatHaveTheSameTensors) {
  const auto path = temporary("strided.safetensors");
  save(Network<Strided>{Seed{1}}, path);
  const Error error = error_of([&] { (void)load<Network<Net>>(path); });
  EXPECT_EQ(error.code(), ErrorCode::architecture_mismatch);
  EXPECT_NE(std::string{error.what()}.find("fingerprint"), std::string::npos);
}

/// What PyTorch's own export of the same network looks like.
std::vector<TensorEntry> entries_of(const Network<Net>& network) {
  std::vector<TensorEntry> entries;
  for (const auto& tensor : named_tensors(network)) {
    entries.push_back({.name = tensor.name, .dtype = tensor.dtype, .shape = tensor.shape, .data = tensor.bytes});
  }
  return entries;
}

TEST(ModelFile, TakesFilesOfOtherProgramsByNamesAndShapes) {
  const auto path = temporary("foreign.safetensors");
  const Network<Net> network{Seed{4}};
  auto entries = entries_of(network);
  const std::int32_t batches = 17;
  entries.push_back({.name = "1.num_batches_tracked",
                     .dtype = DType::s32,
                     .shape = {},
                     .data = std::as_bytes(std::span{&batches, 1})});
  write_safetensors(path, entries, {});
  EXPECT_EQ(numbers(load<Network<Net>>(path)), numbers(network));
}

TEST(ModelFile, RefusesMissingAndUnknownTensors) {
  const auto path = temporary("incomplete.safetensors");
  const Network<Net> network{Seed{4}};
  auto entries = entries_of(network);
  entries[0].name = "0.weights";
  write_safetensors(path, entries, {});
  const std::string message = error_of([&] { (void)load<Network<Net>>(path); }).what();
  EXPECT_NE(message.find("0.weight: missing"), std::string::npos) << message;
  EXPECT_NE(message.find("0.weights: not in the architecture"), std::string::npos) << message;
}

TEST(ModelFile, RefusesDoublesForFloats) {
  const auto path = temporary("doubles.safetensors");
  save(Network<Net, double>{Seed{1}}, path);
  EXPECT_EQ(error_of([&] { (void)load<Network<Net>>(path); }).code(), ErrorCode::architecture_mismatch);
}

TEST(ModelFile, IsReadFromMemoryAsFromAPath) {
  const auto path = temporary("memory.safetensors");
  const Network<Net> network{Seed{5}};
  save(network, path);
  const auto bytes = read_file(path);
  EXPECT_EQ(numbers(load<Network<Net>>(bytes.span(), "in memory")), numbers(network));
}

TEST(ModelFile, RefusesMemoryThatHoldsNoSuchModel) {
  const auto path = temporary("memory.safetensors");
  save(Network<Net>{Seed{5}}, path);
  const auto bytes = read_file(path);
  for (std::size_t length = 0; length < bytes.size(); ++length) {
    const Error error = error_of([&] { (void)load<Network<Net>>(bytes.span().first(length), "in memory"); });
    ASSERT_EQ(error.code(), ErrorCode::file_damaged) << length;
    ASSERT_EQ(error.subject().substr(0, 9), "in memory") << length;
  }
  auto flipped = bytes;
  flipped[flipped.size() - 1] ^= std::byte{1};
  EXPECT_EQ(error_of([&] { (void)load<Network<Net>>(flipped.span(), "in memory"); }).code(), ErrorCode::file_damaged);
  const Error error = error_of([&] { (void)load<Network<Wider>>(bytes.span(), "in memory"); });
  EXPECT_EQ(error.code(), ErrorCode::architecture_mismatch);
  EXPECT_EQ(error.subject(), "in memory");
}

TEST(ModelFile, KeepsTheOldFileWhereTheNewCannotBeWritten) {
  const auto folder = temporary("a_folder");
  std::filesystem::create_directories(folder / "inside");
  EXPECT_THROW(save(Network<Net>{Seed{1}}, folder), Error);
  EXPECT_TRUE(std::filesystem::exists(folder / "inside"));
  EXPECT_EQ(error_of([&] { (void)load<Network<Net>>(temporary("no such file")); }).code(), ErrorCode::file_not_found);
}

}  // namespace
}  // namespace attar::model_file_test
