// SPDX-License-Identifier: MIT
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "raw_safetensors.hpp"
#include "scratch.hpp"
#include <attar/core/rng.hpp>
#include <attar/io/safetensors_reader.hpp>
#include <attar/io/safetensors_writer.hpp>

namespace attar::safetensors_reader_test {
namespace {

using namespace attar;
using namespace attar::test;

SafetensorsFile parse(std::string_view file) {
  return SafetensorsFile::parse(bytes_of(file), "x");
}

/// A small file as Attar writes it, checksums and all.
std::string written_file() {
  const Scratch scratch;
  const std::array<float, 3> weight{1, -2, 3};
  const std::array<std::int8_t, 4> quantized{1, 2, 3, 4};
  const std::vector<TensorEntry> entries{{"weight", DType::f32, {3, 1}, std::as_bytes(std::span{weight})},
                                         {"quantized", DType::s8, {4}, std::as_bytes(std::span{quantized})}};
  write_safetensors(scratch / "a", entries, {{"model", "small"}});
  return get(scratch / "a");
}

/// The same file with `from` in its header replaced by `to`, and checksums that fit to it unless they were the target.
std::string rewritten(std::string_view from, std::string_view to) {
  const std::string file = written_file();
  std::string header = file.substr(8, file.size() - 8 - 16);
  header.replace(header.find(from), from.size(), to);
  header.resize(header.find_last_not_of(' ') + 1);
  if (const auto digits = detail::find_header_checksum(header);
      digits != header.npos && from.find("header_c") == from.npos)
    header.replace(digits, 16, detail::header_checksum(header, digits));
  return raw_file(header, file.substr(file.size() - 16));
}

struct Damage {
  const char* name;
  std::string file;
  const char* telling;
  ErrorCode code = ErrorCode::file_damaged;
};

std::vector<Damage> damaged_files() {
  const auto one = [](std::string_view tensor, std::string_view data = "0123") {
    return raw_file("{" + std::string{tensor} + "}", data);
  };
  const auto metadata = [](std::string_view text) { return raw_file(R"({"__metadata__":)" + std::string{text} + "}"); };
  const std::string good = raw_tensor("a", "F32", "1", "0,4");
  const std::string deep(100'000, '[');
  const std::string max = "18446744073709551615";
  return {
      {"empty", "", "8 bytes with the header's length, found 0 bytes"},
      {"seven bytes", std::string(7, '\0'), "found 7 bytes"},
      {"length only", std::string("\2\0\0\0\0\0\0\0", 8), "a header of 2 bytes, found 0 bytes to the end"},
      {"length is zero", raw_file(""), "begins with '{', found an empty one"},
      {"length is zero before data", raw_file("", "{}"), "found an empty one"},
      {"length one too large", raw_file("{}", "", 1), "a header of 3 bytes, found 2 bytes to the end"},
      {"length one too small", raw_file("{}", "", -1), "ends with '}'"},
      {"length is the largest number", raw_file("{}", "", -3),
       "limit of 100000000 bytes, found one of "
       "18446744073709551615",
       ErrorCode::unsupported},
      {"length above the limit", raw_file("{}", "", 100'000'000), "limit of 100000000 bytes, found one of 100000002",
       ErrorCode::unsupported},
      {"length big endian", std::string("\0\0\0\0\0\0\0\2{}", 10), "within the limit", ErrorCode::unsupported},
      {"a pickle", std::string("PK\3\4\0\0\0\0\0\0", 10) + "archive/data.pkl", "found", ErrorCode::file_damaged},
      {"space first", raw_file(" {}"), "begins with '{', found ' '"},
      {"byte order mark", raw_file("\xEF\xBB\xBF{}"), "begins with '{'"},
      {"an array", raw_file("[]"), "begins with '{', found '['"},
      {"line feed as padding", raw_file("{}\n"), "ends with '}' and spaces"},
      {"zero as padding", raw_file(std::string_view{"{}\0", 3}), "ends with '}' and spaces, found '?'"},
      {"two objects", raw_file("{}{}"), "a JSON header"},
      {"unclosed", raw_file("{" + good, "0123"), "a JSON header"},
      {"unclosed text", raw_file(R"({"a})"), "a JSON header"},
      {"comma at the end", raw_file("{" + good + ",}", "0123"), "a JSON header"},
      {"comment", raw_file("{/**/}"), "a JSON header"},
      {"key without quotes", raw_file("{a:1}"), "a JSON header"},
      {"invalid UTF-8", one(raw_tensor("\xff", "F32", "1", "0,4")), "UTF-8"},
      {"overlong UTF-8", one(raw_tensor("\xc0\xaf", "F32", "1", "0,4")), "UTF-8"},
      {"half a surrogate pair", one(raw_tensor("\\ud800", "F32", "1", "0,4")), "surrogate"},
      {"control character in a name", one(raw_tensor("a\n", "F32", "1", "0,4")), "a JSON header"},
      {"depth bomb of arrays", raw_file("{\"a\":" + deep + "}"), "an object for 'a', found an array"},
      {"depth bomb of objects", raw_file("{\"a\":{\"shape\":{\"b\":{}}}}"), "an array of sizes, found an object"},
      {"depth bomb in a shape", raw_file("{\"a\":{\"shape\":" + deep + "}}"), "sizes in shape, found an array"},
      {"tensor is null", one("\"a\":null", ""), "an object for 'a', found null"},
      {"tensor is an array", one(R"("a":["F32",[1],[0,4]])"), "an object for 'a', found an array"},
      {"name twice", one(raw_tensor("a", "U8", "4", "0,4") + "," + good), "tensor 'a': expected each name once"},
      {"name twice by escape", one(raw_tensor("\\u0061", "U8", "4", "0,4") + "," + good), "each name once"},
      {"empty tensor twice", one(raw_tensor("a", "U8", "0", "0,0") + "," + raw_tensor("a", "U8", "0", "0,0"), ""),
       "each name once"},
      {"key twice", one(R"("a":{"dtype":"U8","dtype":"F32","shape":[1],"data_offsets":[0,4]})"), "'dtype' twice"},
      {"unknown key", one(R"("a":{"dtype":"F32","shape":[1],"data_offsets":[0,4],"x":1})"), "found 'x'"},
      {"no dtype", one(R"("a":{"shape":[1],"data_offsets":[0,4]})"), "one of them missing"},
      {"no shape", one(R"("a":{"dtype":"F32","data_offsets":[0,4]})"), "one of them missing"},
      {"no offsets", one(R"("a":{"dtype":"F32","shape":[1]})"), "one of them missing"},
      {"empty tensor", one(R"("a":{})"), "one of them missing"},
      {"unknown dtype", one(raw_tensor("a", "F31", "1", "0,4")), "a dtype of safetensors, found 'F31'",
       ErrorCode::unsupported},
      {"dtype in lower case", one(raw_tensor("a", "f32", "1", "0,4")), "found 'f32'", ErrorCode::unsupported},
      {"dtype is a number", one(R"("a":{"dtype":32,"shape":[1],"data_offsets":[0,4]})"), "a text as dtype"},
      {"shape is a number", one(R"("a":{"dtype":"F32","shape":1,"data_offsets":[0,4]})"), "an array of sizes"},
      {"shape is a text", one(R"("a":{"dtype":"F32","shape":"1","data_offsets":[0,4]})"), "an array of sizes"},
      {"size is negative", one(raw_tensor("a", "F32", "-1", "0,4")), "sizes in shape, found the number -1"},
      {"size is minus zero", one(raw_tensor("a", "F32", "-0", "0,0"), ""), "sizes in shape"},
      {"size is a fraction", one(raw_tensor("a", "F32", "1.0", "0,4")), "sizes in shape, found the number 1.0"},
      {"size is in exponents", one(raw_tensor("a", "F32", "1e0", "0,4")), "sizes in shape, found the number 1e0"},
      {"size is a text", one(raw_tensor("a", "F32", "\"1\"", "0,4")), "sizes in shape, found a text"},
      {"size is true", one(raw_tensor("a", "F32", "true", "0,4")), "sizes in shape, found true"},
      {"size of 2^63", one(raw_tensor("a", "F32", "9223372036854775808", "0,4")), "sizes below 2^63"},
      {"size of 2^64", one(raw_tensor("a", "F32", "18446744073709551616", "0,4")), "sizes in shape"},
      {"size out of all range", one(raw_tensor("a", "F32", "1e999", "0,4")), "header"},
      {"product wraps to the right size", one(raw_tensor("a", "U8", "4294967297,4294967296", "0,4")), "below 2^61"},
      {"product wraps in bits", one(raw_tensor("a", "F64", "2305843009213693952", "0,0"), ""), "below 2^61"},
      {"product wraps before a zero", one(raw_tensor("a", "U8", "4294967296,4294967296,0", "0,0"), ""), "below 2^61"},
      {"fewer bytes than the shape", one(raw_tensor("a", "F32", "2", "0,4")), "8 bytes of data by dtype and shape"},
      {"more bytes than the shape", one(raw_tensor("a", "U8", "3", "0,4")), "3 bytes of data by dtype and shape"},
      {"no offset", one(raw_tensor("a", "F32", "1", "")), "two data_offsets, found 0"},
      {"one offset", one(raw_tensor("a", "F32", "1", "4")), "two data_offsets, found 1"},
      {"three offsets", one(raw_tensor("a", "F32", "1", "0,4,4")), "two data_offsets, found more"},
      {"negative offset", one(raw_tensor("a", "F32", "1", "-4,0")), "sizes in data_offsets, found the number -4"},
      {"begin after zero", one(raw_tensor("a", "U8", "3", "1,4")),
       "data from byte 0, without gap or overlap, found the bytes 1 to 4"},
      {"reversed", one(raw_tensor("a", "F32", "1", "0,4") + "," + raw_tensor("b", "F32", "1", "4,0")),
       "found the bytes 4 to 0"},
      {"gap", one(raw_tensor("a", "U8", "1", "0,1") + "," + raw_tensor("b", "U8", "2", "2,4")),
       "tensor 'b': expected data from byte 1"},
      {"overlap", one(raw_tensor("a", "U8", "3", "0,3") + "," + raw_tensor("b", "U8", "2", "2,4")),
       "tensor 'b': expected data from byte 3"},
      {"the same bytes twice", one(raw_tensor("a", "F32", "1", "0,4") + "," + raw_tensor("b", "F32", "1", "0,4")),
       "without gap or overlap"},
      {"empty tensor inside of another", one(good + "," + raw_tensor("e", "U8", "0", "2,2")), "tensor 'e'"},
      {"end beyond the file", one(raw_tensor("a", "F32", "2", "0,8")),
       "within the 4 bytes after the header, found the bytes 0 to 8"},
      {"end at the largest number", one(raw_tensor("a", "U8", "4", "0," + max)), "within the 4 bytes"},
      {"begin at the largest number", one(raw_tensor("a", "U8", "1", max + ",0")), "data from byte 0"},
      {"bytes after the last tensor", one(good, "01234"), "4 bytes after the header, found 5"},
      {"bytes without tensors", raw_file("{}", "polyglot"), "0 bytes after the header, found 8"},
      {"metadata is a text", metadata("\"a\""), "an object for '__metadata__', found a text"},
      {"metadata is null", metadata("null"), "found null"},
      {"metadata with a number", metadata(R"({"a":1})"), "a text for the metadata key 'a', found the number 1"},
      {"metadata with an object", metadata(R"({"a":{}})"), "a text for the metadata key 'a', found an object"},
      {"metadata with an array", metadata(R"({"a":[]})"), "found an array"},
      {"metadata with a bool", metadata(R"({"a":false})"), "found false"},
      {"metadata key twice", metadata(R"({"a":"1","a":"2"})"), "each metadata key once, found 'a' twice"},
      {"metadata twice", raw_file(R"({"__metadata__":{},"__metadata__":{}})"), "one __metadata__"},
      {"metadata like a tensor", metadata(R"({"dtype":"F32","shape":[1],"data_offsets":[0,4]})"), "'shape'"},
      {"later version", rewritten(R"("attar.format":"1")", R"("attar.format":"2")"),
       "version 1 of Attar's files, found version '2'", ErrorCode::unsupported},
      {"version is no number", rewritten(R"("attar.format":"1")", R"("attar.format":"")"), "found version ''",
       ErrorCode::unsupported},
      {"no version", rewritten("attar.format", "attar.farmat"), "attar.format, found none"},
      {"no header checksum", rewritten("attar.header_checksum", "attar.something_other"),
       "attar.header_checksum, found none"},
      {"no tensor checksums", rewritten("attar.tensor_checksums", "attar.something__other"),
       "attar.tensor_checksums, found none"},
      {"header checksum not as written", rewritten(R"(_checksum":")", R"(_checksum": ")"), "as Attar writes it"},
      {"header changed", rewritten(R"(header_checksum":")", R"(header_checksum":"0)"), "the header checksum 0"},
      {"a text changed",
       [] {
         std::string file = written_file();
         return file.replace(file.find("small"), 5, "large");
       }(),
       "the header checksum"},
      {"a name changed",
       [] {
         std::string file = written_file();
         return file.replace(file.find("weight"), 6, "height");
       }(),
       "the header checksum"},
      {"tensors swapped",
       [] {
         std::string file = written_file();
         std::rotate(file.end() - 16, file.end() - 4, file.end());
         return file;
       }(),
       "tensor 'quantized': expected the data checksum"},
      {"one number changed",
       [] {
         std::string file = written_file();
         file[file.size() - 6] = '\0';
         return file;
       }(),
       "tensor 'weight': expected the data checksum"},
      {"one checksum too few", rewritten(R"(tensor_checksums":")", R"(tensor_checksums":"",")"), "header"},
      {"checksums cut off", rewritten(R"(tensor_checksums":")", R"(tensor_checksums":" )"),
       "2 tensor checksums, found 35 characters"},
  };
}

TEST(SafetensorsReader, TheUndamagedFilesAreAccepted) {
  EXPECT_EQ(parse(written_file()).tensors().size(), 2U);
  EXPECT_EQ(parse(rewritten("small", "other")).metadata("model"), "other");
  EXPECT_EQ(parse(raw_file("{" + raw_tensor("a", "F32", "1", "0,4") + "}", "0123")).tensors().size(), 1U);
}

TEST(SafetensorsReader, EveryDamageIsNamed) {
  const auto damages = damaged_files();
  EXPECT_GE(damages.size(), 90U);
  for (const Damage& damage : damages) {
    SCOPED_TRACE(damage.name);
    expect_error(damage.code, damage.telling, [&] { (void)parse(damage.file); });
    expect_error(damage.code, "x", [&] { (void)parse(damage.file); });
  }
}

TEST(SafetensorsReader, OpeningAFileFindsTheSameAsParsingItsBytes) {
  const Scratch scratch;
  const std::string path = (scratch / "a").string();
  for (const Damage& damage : damaged_files()) {
    SCOPED_TRACE(damage.name);
    put(path, damage.file);
    const auto parsed = error_of([&] { (void)SafetensorsFile::parse(bytes_of(damage.file), path); });
    const auto opened = error_of([&] { (void)SafetensorsFile::open(path); });
    ASSERT_TRUE(parsed && opened);
    EXPECT_EQ(opened->code(), parsed->code());
    EXPECT_STREQ(opened->what(), parsed->what());
    EXPECT_EQ(opened->subject().substr(0, path.size()), path);
  }
}

TEST(SafetensorsReader, RefusesWhatIsNoFile) {
  const Scratch scratch;
  ASSERT_EQ(::mkfifo((scratch / "fifo").c_str(), 0600), 0);
  expect_error(ErrorCode::file_not_found, "no.safetensors",
               [&] { (void)SafetensorsFile::open(scratch / "no.safetensors"); });
  expect_error(ErrorCode::file_access, "a directory", [&] { (void)SafetensorsFile::open(scratch.folder()); });
  expect_error(ErrorCode::file_access, "a FIFO", [&] { (void)SafetensorsFile::open(scratch / "fifo"); });
}

TEST(SafetensorsReader, TheLimitsAreOptions) {
  const std::string file = written_file();
  const auto header_bytes = static_cast<std::uint64_t>(file.size() - 8 - 16);
  const auto parse_within = [&](SafetensorsLimits limits) {
    (void)SafetensorsFile::parse(bytes_of(file), "x", limits);
  };
  parse_within({.header_bytes = header_bytes, .data_bytes = 16});
  expect_error(ErrorCode::unsupported, "a header within the limit of",
               [&] { parse_within({.header_bytes = header_bytes - 1}); });
  expect_error(ErrorCode::unsupported, "tensors within the limit of 15 bytes, found 16 bytes",
               [&] { parse_within({.data_bytes = 15}); });
}

TEST(SafetensorsReader, ASparseGiantIsRefusedBeforeMemoryIsTaken) {
  const Scratch scratch;
  const std::string header = "{" + raw_tensor("a", "U8", "1099511627776", "0,1099511627776") + "}";
  put(scratch / "a", raw_file(header));
  std::error_code refused;
  std::filesystem::resize_file(scratch / "a", (std::uintmax_t{1} << 40) + header.size() + 8, refused);
  if (refused) GTEST_SKIP() << "this file system has no sparse files of that size";
  expect_error(ErrorCode::unsupported, "tensors within the limit of 8589934592 bytes, found 1099511627776",
               [&] { (void)SafetensorsFile::open(scratch / "a"); });
}

TEST(SafetensorsReader, TheDataStayAliveWithAnyCopy) {
  const Scratch scratch;
  put(scratch / "a", written_file());
  const SafetensorsFile copy = [&] {
    const auto file = SafetensorsFile::open(scratch / "a");
    SafetensorsFile other = file;
    return other;
  }();
  std::filesystem::remove(scratch / "a");
  std::array<float, 3> weight{};
  copy.find("weight")->copy_to(std::span{weight});
  EXPECT_EQ(weight, (std::array<float, 3>{1, -2, 3}));
}

TEST(SafetensorsReader, ParsingCopiesNoData) {
  const std::string file = written_file();
  const auto parsed = parse(file);
  EXPECT_EQ(parsed.find("weight")->data.data(), bytes_of(file).data() + file.size() - 16);
}

TEST(SafetensorsReader, CopiesOnlyWhatFits) {
  const std::string file = written_file();
  const auto parsed = parse(file);
  std::array<float, 4> four{};
  std::array<std::int32_t, 3> integers{};
  expect_error(ErrorCode::architecture_mismatch, "tensor 'weight': expected F32 of 16 bytes, found F32 of 12 bytes",
               [&] { parsed.find("weight")->copy_to(std::span{four}); });
  expect_error(ErrorCode::architecture_mismatch, "expected I32 of 12 bytes, found F32 of 12 bytes",
               [&] { parsed.find("weight")->copy_to(std::span{integers}); });
}

TEST(SafetensorsReader, FindsByWholeNamesOnly) {
  const std::string file = written_file();
  const auto parsed = parse(file);
  EXPECT_NE(parsed.find("quantized"), nullptr);
  for (const char* name : {"", "weigh", "weight2", "zzz", "__metadata__"})
    EXPECT_EQ(parsed.find(name), nullptr) << name;
}

TEST(SafetensorsReader, NoTruncationPasses) {
  const Scratch scratch;
  const std::string file = written_file();
  for (std::size_t length = 0; length < file.size(); ++length) {
    put(scratch / "a", file.substr(0, length));
    EXPECT_TRUE(error_of([&] { (void)parse(file.substr(0, length)); })) << length;
    EXPECT_TRUE(error_of([&] { (void)SafetensorsFile::open(scratch / "a"); })) << length;
  }
  EXPECT_TRUE(error_of([&] { (void)parse(file + '\0'); }));
}

TEST(SafetensorsReader, NoFlippedBitPasses) {
  std::string file = written_file();
  for (std::size_t bit = 0; bit < 8 * file.size(); ++bit) {
    const auto mask = static_cast<char>(1U << bit % 8);
    file[bit / 8] = static_cast<char>(file[bit / 8] ^ mask);
    EXPECT_TRUE(error_of([&] { (void)parse(file); })) << "byte " << bit / 8 << ", bit " << bit % 8;
    file[bit / 8] = static_cast<char>(file[bit / 8] ^ mask);
  }
  EXPECT_NO_THROW((void)parse(file));
}

/// Changes a file in one to four places as a damaged disk or a clever attacker would.
std::string mutated(std::string file, Rng& rng) {
  static const std::array<std::string_view, 20> pieces{"{",
                                                       "}",
                                                       "[",
                                                       "]",
                                                       ",",
                                                       ":",
                                                       "\"",
                                                       "0",
                                                       "-1",
                                                       "18446744073709551615",
                                                       "9223372036854775807",
                                                       "4294967296",
                                                       "1e9",
                                                       " ",
                                                       "\\",
                                                       "null",
                                                       "\"a\":{}",
                                                       "\"__metadata__\":",
                                                       "\xff",
                                                       "\"dtype\":\"U8\""};
  const auto place = [&] { return rng.below(static_cast<std::uint32_t>(file.size()) + 1); };
  for (std::uint32_t changes = 1 + rng.below(4); changes > 0; --changes) {
    const std::string_view piece = pieces[rng.below(pieces.size())];
    const std::size_t at = place();
    switch (rng.below(7)) {
      case 0:
        if (at < file.size()) file[at] = static_cast<char>(rng.bits());
        break;
      case 1:
        if (at < file.size()) file[at] = static_cast<char>(file[at] ^ (1 << rng.below(8)));
        break;
      case 2:
        file.insert(at, piece);
        break;
      case 3:
        file.erase(at, 1 + rng.below(16));
        break;
      case 4:
        file.replace(at, piece.size(), piece);
        break;
      case 5:
        file.insert(at, file.substr(place(), rng.below(64)));
        break;
      case 6:
        if (at < file.size()) file.resize(at);
        break;
    }
  }
  // Mostly mend the length, or no mutation of the header would come past the first check.
  if (file.size() >= 8 && rng.below(4) != 0) {
    const std::size_t end = file.rfind('}');
    if (end != file.npos && end >= 8)
      file.replace(0, 8, raw_file(std::string_view{file}.substr(8, end - 7)).substr(0, 8));
  }
  return file;
}

/// What holds for every accepted file, whatever it is.
void expect_consistent(const SafetensorsFile& parsed, std::string_view file) {
  std::size_t total = 0;
  for (const StoredTensor& tensor : parsed.tensors()) {
    std::uint64_t bits = detail::find_type(tensor.type)->bits;
    for (const auto size : tensor.shape) bits *= static_cast<std::uint64_t>(size);
    EXPECT_EQ(bits, 8 * tensor.data.size());
    if (!tensor.data.empty()) {
      EXPECT_GE(tensor.data.data(), bytes_of(file).data() + 8);
      EXPECT_LE(tensor.data.data() + tensor.data.size(), bytes_of(file).data() + file.size());
    }
    EXPECT_EQ(parsed.find(tensor.name), &tensor);
    total += tensor.data.size();
  }
  EXPECT_LE(total + 8, file.size());
}

TEST(SafetensorsReader, MutationsOfAFileWithChecksumsNeverPass) {
  const std::string original = written_file();
  Rng rng{Seed{1}};
  int passed = 0;
  for (int i = 0; i < 20'000; ++i) {
    const std::string file = mutated(original, rng);
    const auto error = error_of([&] { (void)parse(file); });
    if (!error && file != original) {
      ++passed;
      ADD_FAILURE() << "mutation " << i << " passed: " << detail::printable(file, 2000);
    }
  }
  EXPECT_EQ(passed, 0);
}

TEST(SafetensorsReader, MutationsOfAFileWithoutChecksumsEndInAnErrorOrAConsistentFile) {
  const std::string header = "{" + raw_tensor("a", "F32", "2", "0,8") + "," + raw_tensor("b", "U8", "2,2", "8,12") +
                             "," + raw_tensor("e", "I64", "0", "12,12") + R"(,"__metadata__":{"k":"v"}})";
  const std::string original = raw_file(header, "0123456789ab");
  Rng rng{Seed{2}};
  int accepted = 0;
  for (int i = 0; i < 20'000; ++i) {
    const std::string file = mutated(original, rng);
    EXPECT_NO_THROW({
      const auto error = error_of([&] { expect_consistent(parse(file), file); });
      accepted += error ? 0 : 1;
    }) << "mutation "
       << i << " ends in another exception than attar::Error";
  }
  EXPECT_GT(accepted, 100) << "the mutations do not reach the checks behind the first ones";
}

}  // namespace
}  // namespace attar::safetensors_reader_test
