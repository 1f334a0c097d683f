// SPDX-License-Identifier: MIT
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "scratch.hpp"
#include <attar/io/safetensors_writer.hpp>

namespace attar::safetensors_writer_test {
namespace {

using namespace attar;
using namespace attar::test;

constexpr std::array<float, 6> numbers{1, 2, 3, 4, 5, 6};
const auto number_bytes = std::as_bytes(std::span{numbers});

std::size_t header_length(const std::string& file) {
  std::uint64_t length = 0;
  std::memcpy(&length, file.data(), sizeof length);
  return static_cast<std::size_t>(length);
}

TEST(WriteSafetensors, TheDataBeginAtAMultipleOf64) {
  const Scratch scratch;
  for (std::size_t length = 1; length <= 70; ++length) {
    const std::vector<TensorEntry> entries{{std::string(length, 'n'), DType::f32, {2, 3}, number_bytes}};
    write_safetensors(scratch / "a", entries);
    const std::string file = get(scratch / "a");
    const std::size_t header = header_length(file);
    EXPECT_EQ((8 + header) % 64, 0U);
    EXPECT_LT(file.substr(8, header).find_last_not_of(' ') + 64, header + 64);
    EXPECT_EQ(file.substr(8 + header), std::string(reinterpret_cast<const char*>(numbers.data()), sizeof numbers));
  }
}

TEST(WriteSafetensors, WiderTypesComeFirstSoThatAllAreAligned) {
  const Scratch scratch;
  const std::vector<TensorEntry> entries{{"a", DType::s8, {3}, number_bytes.first(3)},
                                         {"b", DType::f32, {1}, number_bytes.first(4)},
                                         {"c", DType::bf16, {1}, number_bytes.first(2)},
                                         {"d", DType::f64, {1}, number_bytes.first(8)},
                                         {"e", DType::f32, {1}, number_bytes.subspan(4, 4)}};
  write_safetensors(scratch / "a", entries);
  const std::string file = get(scratch / "a");
  for (const char* place :
       {R"("d":{"data_offsets":[0,8])", R"("b":{"data_offsets":[8,12])", R"("e":{"data_offsets":[12,16])",
        R"("c":{"data_offsets":[16,18])", R"("a":{"data_offsets":[18,21])"}) {
    EXPECT_NE(file.find(place), file.npos) << place;
  }
}

TEST(WriteSafetensors, TheSameContentGivesTheSameBytes) {
  const Scratch scratch;
  const std::vector<TensorEntry> entries{{"a", DType::f32, {6}, number_bytes}, {"b", DType::f32, {6}, number_bytes}};
  write_safetensors(scratch / "a", entries, {{"k", "v"}});
  write_safetensors(scratch / "b", entries, {{"k", "v"}});
  EXPECT_EQ(get(scratch / "a"), get(scratch / "b"));
}

TEST(WriteSafetensors, RefusesWhatIsNoTensor) {
  const Scratch scratch;
  const auto refused = [&](const std::vector<TensorEntry>& entries, std::string_view telling) {
    expect_error(ErrorCode::invalid_argument, telling, [&] { write_safetensors(scratch / "a", entries); });
  };
  refused({{"w", DType::f32, {5}, number_bytes}}, "tensor 'w': expected 20 bytes of data by dtype and shape, found 24");
  refused({{"w", DType::f64, {6}, number_bytes}}, "expected 48 bytes");
  refused({{"w", DType::f32, {-2, -3}, number_bytes}}, "found -2");
  refused({{"w", DType::f32, {std::int64_t{1} << 62, 4}, {}}}, "product");
  refused({{"w", DType::f32, {6}, number_bytes}, {"w", DType::f32, {6}, number_bytes}}, "each name once");
  refused({{"__metadata__", DType::f32, {6}, number_bytes}}, "__metadata__");
  refused({{"\xff", DType::f32, {6}, number_bytes}}, "UTF-8");
  EXPECT_EQ(scratch.count(), 0);
}

TEST(WriteSafetensors, RefusesMetadataThatAreNoText) {
  const Scratch scratch;
  expect_error(ErrorCode::invalid_argument, "UTF-8", [&] { write_safetensors(scratch / "a", {}, {{"k", "\xc3("}}); });
  EXPECT_EQ(scratch.count(), 0);
}

TEST(WriteSafetensors, KeepsTheOldFileIfItFails) {
  const Scratch scratch;
  put(scratch / "a", "old");
  const std::vector<TensorEntry> wrong{{"w", DType::f32, {5}, number_bytes}};
  EXPECT_TRUE(error_of([&] { write_safetensors(scratch / "a", wrong); }));
  EXPECT_EQ(get(scratch / "a"), "old");
  EXPECT_EQ(scratch.count(), 1);
  expect_error(ErrorCode::file_not_found, "no/a", [&] { write_safetensors(scratch / "no/a", {}); });
}

}  // namespace
}  // namespace attar::safetensors_writer_test
