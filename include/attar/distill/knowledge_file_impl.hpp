// SPDX-License-Identifier: MIT
#pragma once

#include <charconv>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <type_traits>
#include <utility>
#include <vector>

#include <attar/core/error.hpp>
#include <attar/detail/compiled.hpp>
#include <attar/detail/whole_range.hpp>
#include <attar/distill/knowledge.hpp>
#include <attar/distill/knowledge_file.hpp>
#include <attar/io/safetensors.hpp>

namespace attar {

namespace detail {

inline constexpr std::string_view knowledge_key = "attar.knowledge";
inline constexpr std::string_view knowledge_format = "2";

void visit_shape(auto& visit, const std::string& key, auto& shape) {
  visit(key + ".channels", shape.channels);
  visit(key + ".height", shape.height);
  visit(key + ".width", shape.width);
}

/// Notes values in a file's metadata: numbers in decimal, what consists of parts by a key for each part.
class MetadataWriter {
 public:
  explicit MetadataWriter(Metadata& to) : to_{to} {}

  void operator()(const std::string& key, const std::string& text) { to_[key] = text; }
  void operator()(const std::string& key, std::integral auto number) { to_[key] = std::to_string(number); }
  void operator()(const std::string& key, const Shape& shape) { visit_shape(*this, key, shape); }
  template <class T>
  void operator()(const std::string& key, const std::vector<T>& values) {
    (*this)(key, values.size());
    for (std::size_t i = 0; i < values.size(); ++i) (*this)(key + "." + std::to_string(i), values[i]);
  }

 private:
  Metadata& to_;
};

/// Reads what `MetadataWriter` notes. Raises `Error` with `file_damaged` where anything else stands.
class MetadataReader {
 public:
  MetadataReader(const SafetensorsFile& file, std::string subject) : file_{file}, subject_{std::move(subject)} {}

  void operator()(const std::string& key, std::string& text) const { text = find(key); }
  void operator()(const std::string& key, std::integral auto& number) const {
    using Number = std::remove_reference_t<decltype(number)>;
    const std::string_view text = find(key);
    std::conditional_t<std::is_same_v<Number, bool>, unsigned char, Number> value{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    const bool fits = !std::is_same_v<Number, bool> || value <= 1;
    if (error != std::errc{} || end != text.data() + text.size() || !fits) fail("a number as " + key, text);
    number = static_cast<Number>(value);
  }
  void operator()(const std::string& key, Shape& shape) const { visit_shape(*this, key, shape); }
  template <class T>
  void operator()(const std::string& key, std::vector<T>& values) const {
    std::size_t count = 0;
    (*this)(key, count);
    for (std::size_t i = 0; i < count; ++i) (*this)(key + "." + std::to_string(i), values.emplace_back());
  }

 private:
  [[nodiscard]] std::string_view find(const std::string& key) const {
    const std::optional<std::string_view> text = file_.metadata(key);
    if (!text) fail("metadata " + key, "none");
    return *text;
  }
  [[noreturn]] void fail(std::string expected, std::string_view found) const {
    raise(Error{ErrorCode::file_damaged, subject_, std::move(expected), printable(found)});
  }

  const SafetensorsFile& file_;
  std::string subject_;
};

/// Shows all that an origin holds to a reader or a writer, each under its name.
void visit_origin(auto&& visit, auto& origin) {
  const auto show = [&](const char* name, auto& value) { visit(std::string{knowledge_key} + "." + name, value); };
  show("data", origin.data);
  show("images", origin.images);
  show("classes", origin.classes);
  show("flip", origin.augmentation.flip);
  show("crop_padding", origin.augmentation.crop_padding);
  show("cutout", origin.augmentation.cutout);
  show("seed", origin.seed.value);
  show("epochs", origin.epochs);
  show("halves", origin.keeping.halves);
  show("top", origin.keeping.top);
  show("teachers", origin.teachers);
  show("taps", origin.taps);
  show("shapes", origin.shapes);
}

ATTAR_INLINE Metadata to_metadata(const KnowledgeOrigin& origin) {
  Metadata metadata{{std::string{knowledge_key}, std::string{knowledge_format}}};
  visit_origin(MetadataWriter{metadata}, origin);
  return metadata;
}

[[nodiscard]] inline KnowledgeOrigin origin_from(const SafetensorsFile& file, const std::string& subject) {
  KnowledgeOrigin origin;
  visit_origin(MetadataReader{file, subject}, origin);
  for (const std::vector<Shape>& shapes : origin.shapes) {
    if (shapes.size() != origin.taps.size())
      raise(Error{ErrorCode::file_damaged, subject, "a shape of each teacher at each tap in the metadata",
                  std::to_string(shapes.size()) + " shapes at " + std::to_string(origin.taps.size()) + " taps"});
  }
  return origin;
}

/// The stored tensors in the order of `knowledge_tensors`, which must be there exactly.
[[nodiscard]] inline std::vector<const StoredTensor*> find_tensors(const KnowledgeOrigin& origin,
                                                                   const SafetensorsFile& file,
                                                                   const std::string& subject) {
  std::vector<const StoredTensor*> found;
  for (const NamedTensor<std::byte>& wanted : knowledge_tensors(origin)) {
    const StoredTensor* stored = file.find(wanted.name);
    if (stored == nullptr || stored->dtype != wanted.dtype || stored->shape != wanted.shape) {
      raise(Error{ErrorCode::file_damaged, tensor_subject(subject, wanted.name), "the type and shape of the metadata",
                  stored == nullptr ? "none" : "another"});
    }
    found.push_back(stored);
  }
  if (found.empty() || found.size() != file.tensors().size()) {
    raise(Error{ErrorCode::file_damaged, subject, std::to_string(found.size()) + " tensors, at least one",
                std::to_string(file.tensors().size())});
  }
  return found;
}

/// The classes of a top are written to, so they must be classes.
inline void check_classes(const Knowledge& knowledge, const std::string& subject) {
  for (const NamedTensor<const std::byte>& tensor : knowledge.tensors()) {
    if (tensor.dtype != DType::s32) continue;
    const std::span classes{reinterpret_cast<const std::int32_t*>(tensor.bytes.data()),
                            tensor.bytes.size() / sizeof(std::int32_t)};
    for (const std::int32_t c : classes) {
      if (c >= 0 && static_cast<std::size_t>(c) < knowledge.origin().classes) continue;
      raise(Error{ErrorCode::file_damaged, tensor_subject(subject, tensor.name),
                  "classes below " + std::to_string(knowledge.origin().classes), std::to_string(c)});
    }
  }
}

}  // namespace detail

ATTAR_INLINE void save(const Knowledge& knowledge, const std::string& path) {
  std::vector<TensorEntry> entries;
  for (const auto& tensor : knowledge.tensors()) {
    entries.push_back({tensor.name, tensor.dtype, tensor.shape, tensor.bytes});
  }
  write_safetensors(path, detail::span_of(entries), detail::to_metadata(knowledge.origin()));
}

ATTAR_INLINE Knowledge load_knowledge(const std::string& path, const SafetensorsLimits& limits) {
  const SafetensorsFile file = SafetensorsFile::open(path, limits);
  const std::optional<std::string_view> format = file.metadata(detail::knowledge_key);
  if (!format) raise(Error{ErrorCode::unsupported, path, "knowledge of teachers", "a file of something else"});
  if (*format != detail::knowledge_format)
    raise(Error{ErrorCode::unsupported, path, "knowledge in format " + std::string{detail::knowledge_format},
                detail::printable(*format)});
  KnowledgeOrigin origin = detail::origin_from(file, path);
  const std::vector<const StoredTensor*> stored = detail::find_tensors(origin, file, path);
  Knowledge knowledge{std::move(origin)};
  for (std::size_t i = 0; i < stored.size(); ++i) {
    const std::span<const std::byte> data = stored[i]->data;
    if (!data.empty()) std::memcpy(knowledge.tensors()[i].bytes.data(), data.data(), data.size());
  }
  detail::check_classes(knowledge, path);
  return knowledge;
}

}  // namespace attar
