// SPDX-License-Identifier: MIT
#include <cstdint>
#include <filesystem>
#include <numeric>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "gzip_file.hpp"
#include "scratch.hpp"
#include <attar/core/rng.hpp>
#include <attar/io/idx.hpp>

namespace attar::idx_test {
namespace {

using namespace attar;
using namespace attar::test;

IdxArray parse(std::string_view file) {
  return parse_idx(bytes_of(file), "x");
}

std::string values_of(const IdxArray& array) {
  return {array.values.begin(), array.values.end()};
}

TEST(Idx, ReadsPlainAndPackedFiles) {
  const Scratch scratch;
  for (const std::string& file : {raw_idx({2, 1, 3}, "abcdef"), packed(raw_idx({2, 1, 3}, "abcdef"))}) {
    put(scratch / "file", file);
    for (const auto& array : {parse(file), read_idx(scratch / "file")}) {
      EXPECT_EQ(array.sizes, (std::vector<int>{2, 1, 3}));
      EXPECT_EQ(values_of(array), "abcdef");
    }
  }
}

TEST(Idx, ReadsOneToFourDimensions) {
  EXPECT_EQ(parse(raw_idx({6}, "abcdef")).sizes, (std::vector<int>{6}));
  EXPECT_EQ(parse(raw_idx({2, 3}, "abcdef")).sizes, (std::vector<int>{2, 3}));
  EXPECT_EQ(parse(raw_idx({1, 1, 2, 3}, "abcdef")).sizes, (std::vector<int>{1, 1, 2, 3}));
}

TEST(Idx, ReadsSizesBigEndian) {
  const std::string values(0x0102, 'x');
  EXPECT_EQ(parse(raw_idx({0x0102}, values)).sizes, (std::vector<int>{0x0102}));
}

struct Damage {
  const char* name;
  std::string file;
  const char* telling;
  ErrorCode code = ErrorCode::file_damaged;
};

TEST(Idx, EveryDamageIsNamed) {
  const std::string good = raw_idx({2, 1, 3}, "abcdef");
  const std::string packed_good = packed(good);
  const auto changed = [&](std::size_t from_end, int bit) {
    std::string file = packed_good;
    file[file.size() - from_end] = static_cast<char>(file[file.size() - from_end] ^ bit);
    return file;
  };
  const std::vector<Damage> damages{
      {"empty", "", "4 more bytes, found 0 to the end"},
      {"three bytes", good.substr(0, 3), "4 more bytes, found 3"},
      {"sizes cut off", good.substr(0, 14), "4 more bytes, found 2"},
      {"no data", good.substr(0, 16), "no more data than the file can hold"},
      {"last byte missing", good.substr(0, 21), "no more data than the file can hold"},
      {"one byte too many", good + "x", "1 bytes after the data"},
      {"another file", "\x89PNG\r\n", "two zero bytes, found 137 80"},
      {"second byte not zero", std::string("\0\1\10\1", 4), "two zero bytes, found 0 1"},
      {"signed bytes", raw_idx({6}, "abcdef", 9), "type 9", ErrorCode::unsupported},
      {"floats", raw_idx({1}, "abcd", 13), "type 13", ErrorCode::unsupported},
      {"type zero", raw_idx({6}, "abcdef", 0), "type 0", ErrorCode::unsupported},
      {"no dimensions", raw_idx({}, ""), "1 to 4 dimensions, found 0", ErrorCode::unsupported},
      {"five dimensions", raw_idx({1, 1, 1, 1, 1}, "a"), "1 to 4 dimensions, found 5", ErrorCode::unsupported},
      {"255 dimensions", std::string("\0\0\10\xff", 4), "found 255", ErrorCode::unsupported},
      {"no images", raw_idx({0, 28, 28}, ""), "sizes from 1 to 2^31 - 1, found 0"},
      {"size zero inside", raw_idx({2, 0, 3}, ""), "sizes from 1"},
      {"size of 2^31", raw_idx({2147483648U}, "a"), "found 2147483648"},
      {"size of 2^32 - 1", raw_idx({1, 4294967295U}, "a"), "found 4294967295"},
      {"little endian sizes", std::string("\0\0\10\1\6\0\0\0abcdef", 14), "no more data than the file can hold"},
      {"product wraps to the right size", raw_idx({1U << 30, 1U << 30, 1U << 4, 1}, ""), "no more data"},
      {"product wraps above the right size", raw_idx({641, 6700417, 1U << 30, 1U << 2}, "abcd"), "no more data"},
      {"too few", raw_idx({7}, "abcdef"), "no more data"},
      {"packed: too few", packed(raw_idx({7}, "abcdef")), "1 more bytes, found the end of the packed data"},
      {"packed: too many", packed(raw_idx({5}, "abcdef")), "more of them than their header says"},
      {"packed: sizes cut off", packed(good.substr(0, 14)), "2 more bytes, found the end"},
      {"packed: empty", packed(""), "4 more bytes"},
      {"packed: a giant declared", packed(raw_idx({1U << 30, 1U << 30}, "a")), "no more data than the file can hold"},
      {"packed: a bomb", packed(raw_idx({6}, std::string(10'000'000, '\0'))), "more of them than their header says"},
      {"packed twice", packed(packed_good), "two zero bytes, found 31 139"},
      {"packed: only the magic", packed_good.substr(0, 2), "it is cut off"},
      {"packed: head cut off", packed_good.substr(0, 9), "it is cut off"},
      {"packed: data cut off", packed_good.substr(0, packed_good.size() - 12), "it is cut off"},
      {"packed: checksum missing", packed_good.substr(0, packed_good.size() - 8), "it is cut off"},
      {"packed: last byte missing", packed_good.substr(0, packed_good.size() - 1), "it is cut off"},
      {"packed: wrong checksum", changed(8, 1), "incorrect data check"},
      {"packed: wrong length", changed(4, 1), "incorrect length check"},
      {"packed: unknown method", std::string("\x1f\x8b\7\0\0\0\0\0\0\3", 10), "unknown compression method"},
      {"packed: invalid block", packed_good.substr(0, 10) + "\7\7\7\7", "invalid block type"},
      {"packed: bytes behind", packed_good + "x", "1 bytes after the packed data"},
      {"packed: another file behind", packed_good + packed_good, "bytes after the packed data"},
  };
  const Scratch scratch;
  EXPECT_GE(damages.size(), 35U);
  for (const Damage& damage : damages) {
    SCOPED_TRACE(damage.name);
    expect_error(damage.code, damage.telling, [&] { (void)parse(damage.file); });
    put(scratch / "file", damage.file);
    expect_error(damage.code, (scratch / "file").string(), [&] { (void)read_idx(scratch / "file"); });
  }
}

TEST(Idx, RefusesWhatIsNoFile) {
  const Scratch scratch;
  expect_error(ErrorCode::file_not_found, "no.gz", [&] { (void)read_idx(scratch / "no.gz"); });
  expect_error(ErrorCode::file_access, "a directory", [&] { (void)read_idx(scratch.folder()); });
}

TEST(Idx, NoTruncationPasses) {
  const std::string plain = raw_idx({4, 2, 5}, std::string(20, 'a') + std::string(20, 'b'));
  for (const std::string& file : {plain, packed(plain)}) {
    for (std::size_t length = 0; length < file.size(); ++length)
      EXPECT_TRUE(error_of([&] { (void)parse(file.substr(0, length)); })) << length;
  }
}

TEST(Idx, AFlippedBitOfAPackedFileIsNoticedOrHarmless) {
  const std::string plain = raw_idx({4, 2, 5}, "0123456789012345678901234567890123456789");
  std::string file = packed(plain);
  std::size_t harmless = 0;
  for (std::size_t bit = 0; bit < 8 * file.size(); ++bit) {
    const auto mask = static_cast<char>(1U << bit % 8);
    file[bit / 8] = static_cast<char>(file[bit / 8] ^ mask);
    const auto error = error_of([&] { EXPECT_EQ(values_of(parse(file)), plain.substr(16)); });
    harmless += error ? 0 : 1;
    file[bit / 8] = static_cast<char>(file[bit / 8] ^ mask);
  }
  // Only the time and the like in the head, 10 bytes, and what fills up the last byte of the data have no checksum.
  EXPECT_LT(harmless, 8 * 10 + 8U);
}

TEST(Idx, MutationsEndInAnErrorOrAConsistentArray) {
  const std::string plain = raw_idx({4, 2, 5}, "0123456789012345678901234567890123456789");
  Rng rng{Seed{3}};
  for (int i = 0; i < 20'000; ++i) {
    std::string file = i % 2 == 0 ? plain : packed(plain);
    for (std::uint32_t changes = 1 + rng.below(3); changes > 0; --changes)
      file[rng.below(static_cast<std::uint32_t>(file.size()))] = static_cast<char>(rng.bits());
    if (i % 3 == 0) file = packed(file);
    EXPECT_NO_THROW({
      (void)error_of([&] {
        const auto array = parse(file);
        const auto count = std::accumulate(array.sizes.begin(), array.sizes.end(), std::size_t{1},
                                           [](std::size_t a, int b) { return a * static_cast<std::size_t>(b); });
        EXPECT_EQ(array.values.size(), count);
      });
    }) << "mutation "
       << i << " ends in another exception than attar::Error";
  }
}

}  // namespace
}  // namespace attar::idx_test
