// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "../io/scratch.hpp"
#include <attar/core/rng.hpp>
#include <attar/distill/knowledge_file.hpp>

namespace attar::knowledge_file_test {
namespace {

KnowledgeOrigin origin(Keeping keeping) {
  return {.data = 0xFEDC'BA98'7654'3210,
          .images = 3,
          .classes = 10,
          .augmentation = {.flip = true, .crop_padding = 2, .cutout = 4},
          .seed = Seed{std::numeric_limits<std::uint64_t>::max()},
          .epochs = 2,
          .keeping = keeping,
          .teachers = " teacher 1 teacher 2",
          .taps = {"2", "middle"},
          .shapes = {{Shape{3, 2, 4}, Shape{1, 1, 1}}, {Shape{2, 1, 1}, Shape{3, 2, 4}}}};
}

Knowledge filled(Keeping keeping) {
  Knowledge knowledge{origin(keeping)};
  Rng rng{Seed{1}};
  std::vector<float> numbers;
  const auto random = [&](std::size_t count) {
    numbers.resize(count);
    for (float& number : numbers) number = rng.normal();
    return std::span<const float>{numbers};
  };
  for (std::size_t teacher = 0; teacher < 2; ++teacher) {
    for (std::uint64_t epoch = 0; epoch < 2; ++epoch) {
      for (std::uint32_t sample = 0; sample < 3; ++sample) {
        knowledge.keep_logits(teacher, epoch, sample, random(10));
        for (std::size_t tap = 0; tap < 2; ++tap) {
          knowledge.keep_maps(teacher, tap, epoch, sample, random(knowledge.origin().shapes[teacher][tap].size()));
        }
      }
    }
  }
  return knowledge;
}

void expect_equal(const Knowledge& found, const Knowledge& expected) {
  const KnowledgeOrigin& a = found.origin();
  const KnowledgeOrigin& b = expected.origin();
  EXPECT_EQ(a.data, b.data);
  EXPECT_EQ(a.images, b.images);
  EXPECT_EQ(a.classes, b.classes);
  EXPECT_EQ(a.augmentation, b.augmentation);
  EXPECT_EQ(a.seed.value, b.seed.value);
  EXPECT_EQ(a.epochs, b.epochs);
  EXPECT_EQ(a.keeping, b.keeping);
  EXPECT_EQ(a.teachers, b.teachers);
  EXPECT_EQ(a.taps, b.taps);
  EXPECT_EQ(a.shapes, b.shapes);
  const auto tensors = found.tensors();
  ASSERT_EQ(tensors.size(), expected.tensors().size());
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    EXPECT_TRUE(std::ranges::equal(tensors[i].bytes, expected.tensors()[i].bytes)) << tensors[i].name;
  }
}

TEST(KnowledgeFile, BringsBackEveryBit) {
  const test::Scratch scratch;
  for (const Keeping keeping : {Exactly::keeping, InHalf::keeping, TopK<3>::keeping}) {
    const Knowledge knowledge = filled(keeping);
    save(knowledge, scratch / "known.safetensors");
    expect_equal(load_knowledge(scratch / "known.safetensors"), knowledge);
  }
  EXPECT_EQ(scratch.count(), 1);
}

TEST(KnowledgeFile, IsPlainSafetensorsForOtherPrograms) {
  const test::Scratch scratch;
  save(filled(Exactly::keeping), scratch / "known.safetensors");
  const SafetensorsFile file = SafetensorsFile::open(scratch / "known.safetensors");
  const StoredTensor* logits = file.find("teacher.1.logits");
  ASSERT_NE(logits, nullptr);
  EXPECT_EQ(logits->type, "F32");
  EXPECT_EQ(logits->shape, (std::vector<std::int64_t>{2, 3, 10}));
  const StoredTensor* maps = file.find("teacher.0.maps.0");
  ASSERT_NE(maps, nullptr);
  EXPECT_EQ(maps->shape, (std::vector<std::int64_t>{2, 3, 2, 4, 3}));
}

TEST(KnowledgeFile, FindsDamageAnywhere) {
  const test::Scratch scratch;
  save(filled(TopK<3>::keeping), scratch / "known.safetensors");
  const std::string content = test::get(scratch / "known.safetensors");
  for (std::size_t at = 0; at < content.size(); at += 41) {
    std::string damaged = content;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x10);
    test::put(scratch / "damaged.safetensors", damaged);
    EXPECT_TRUE(test::error_of([&] { (void)load_knowledge(scratch / "damaged.safetensors"); })) << "byte " << at;
  }
  test::put(scratch / "short.safetensors", std::string_view{content}.substr(0, content.size() / 2));
  test::expect_error(ErrorCode::file_damaged, "short.safetensors",
                     [&] { (void)load_knowledge(scratch / "short.safetensors"); });
}

TEST(KnowledgeFile, RefusesOtherFiles) {
  const test::Scratch scratch;
  test::expect_error(ErrorCode::file_not_found, "nowhere",
                     [&] { (void)load_knowledge(scratch / "nowhere.safetensors"); });
  const float number = 1;
  const std::vector<TensorEntry> entries{{"0.weight", DType::f32, {1}, std::as_bytes(std::span{&number, 1})}};
  write_safetensors(scratch / "model.safetensors", entries);
  test::expect_error(ErrorCode::unsupported, "knowledge of teachers",
                     [&] { (void)load_knowledge(scratch / "model.safetensors"); });
}

const Metadata good = detail::to_metadata(origin(TopK<3>::keeping));

/// The file of `filled`, with other metadata, or with a tensor left out or renamed by `change`.
template <class Change>
std::filesystem::path forged(const test::Scratch& scratch, const Metadata& metadata, Change&& change) {
  const Knowledge knowledge = filled(TopK<3>::keeping);
  const auto tensors = knowledge.tensors();
  std::vector<TensorEntry> entries;
  for (const auto& tensor : tensors) {
    entries.push_back({tensor.name, tensor.dtype, tensor.shape, tensor.bytes});
  }
  change(entries);
  write_safetensors(scratch / "forged.safetensors", entries, metadata);
  return scratch / "forged.safetensors";
}

/// The metadata with another value of one key.
Metadata with(const std::string& key, const std::string& value) {
  Metadata metadata = good;
  EXPECT_TRUE(metadata.contains("attar.knowledge" + key)) << key;
  metadata["attar.knowledge" + key] = value;
  return metadata;
}

void expect_refused(ErrorCode code, const std::string& telling, const Metadata& metadata) {
  const test::Scratch scratch;
  test::expect_error(code, telling,
                     [&] { (void)load_knowledge(forged(scratch, metadata, [](std::vector<TensorEntry>&) {})); });
}

TEST(KnowledgeFile, RefusesMetadataOfAnythingElse) {
  for (const auto& [key, value] : good) {
    Metadata without = good;
    without.erase(key);
    expect_refused(key == "attar.knowledge" ? ErrorCode::unsupported : ErrorCode::file_damaged, "knowledge", without);
  }
  expect_refused(ErrorCode::unsupported, "format 2, found 1", with("", "1"));
  for (const std::string wrong : {"", "-3", "3 ", "0x3", "3.5", "18446744073709551616", "three"}) {
    expect_refused(ErrorCode::file_damaged, "a number as attar.knowledge.images", with(".images", wrong));
  }
  expect_refused(ErrorCode::file_damaged, "a number as attar.knowledge.halves", with(".halves", "2"));
  expect_refused(ErrorCode::file_damaged, "metadata attar.knowledge.shapes.2", with(".shapes", "3"));
  expect_refused(ErrorCode::file_damaged, "metadata attar.knowledge.taps.2", with(".taps", "18446744073709551615"));
  expect_refused(ErrorCode::file_damaged, "1 shapes at 2 taps", with(".shapes.0", "1"));
}

TEST(KnowledgeFile, RefusesPartsThatDisagree) {
  const test::Scratch scratch;
  EXPECT_NO_THROW((void)load_knowledge(forged(scratch, good, [](std::vector<TensorEntry>&) {})));
  for (const Metadata& metadata :
       {with(".images", "9000000000000000"), with(".top", "0"), with(".top", "18446744073709551615"),
        with(".halves", "0"), with(".shapes.0.0.width", "2"), with(".shapes", "1"), with(".shapes", "0")}) {
    expect_refused(ErrorCode::file_damaged, "tensor", metadata);
  }
  test::expect_error(ErrorCode::file_damaged, "teacher.0.top", [&] {
    (void)load_knowledge(forged(scratch, good, [](auto& entries) { entries[0].name = "teacher.0.bottom"; }));
  });
  test::expect_error(ErrorCode::file_damaged, "tensors", [&] {
    (void)load_knowledge(forged(scratch, good, [](auto& entries) {
      entries.push_back(entries.back());
      entries.back().name = "one more";
    }));
  });
}

TEST(KnowledgeFile, RefusesClassesThatThereAreNot) {
  const test::Scratch scratch;
  for (const std::int32_t wrong : {-1, 10}) {
    std::vector<std::byte> classes;
    const auto change = [&](std::vector<TensorEntry>& entries) {
      classes.assign(entries[1].data.begin(), entries[1].data.end());
      std::memcpy(classes.data() + 8, &wrong, sizeof wrong);
      entries[1].data = classes;
    };
    const auto path = forged(scratch, good, change);
    test::expect_error(ErrorCode::file_damaged, "teacher.0.classes", [&] { (void)load_knowledge(path); });
  }
}

TEST(KnowledgeFile, KeepsTheOldFileWhereTheNewCannotBeWritten) {
  const test::Scratch scratch;
  std::filesystem::create_directories(scratch / "folder");
  test::expect_error(ErrorCode::file_access, "folder", [&] { save(filled(Exactly::keeping), scratch / "folder"); });
  test::expect_error(ErrorCode::file_not_found, "none",
                     [&] { save(filled(Exactly::keeping), scratch / "none/known.safetensors"); });
  EXPECT_EQ(scratch.count(), 1);
}

}  // namespace
}  // namespace attar::knowledge_file_test
