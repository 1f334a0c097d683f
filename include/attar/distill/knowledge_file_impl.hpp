// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include <attar/core/error.hpp>
#include <attar/detail/compiled.hpp>
#include <attar/distill/knowledge.hpp>
#include <attar/distill/knowledge_file.hpp>
#include <attar/io/safetensors.hpp>

namespace attar {

namespace detail {

inline constexpr std::string_view knowledge_key = "attar.knowledge";

ATTAR_INLINE std::string to_json(const KnowledgeOrigin& origin) {
  nlohmann::json taps = nlohmann::json::array();
  for (std::size_t tap = 0; tap < origin.taps.size(); ++tap) {
    nlohmann::json shapes = nlohmann::json::array();
    for (const std::vector<Shape>& of : origin.shapes)
      shapes.push_back({of[tap].channels, of[tap].height, of[tap].width});
    taps.push_back({{"where", origin.taps[tap]}, {"shapes", std::move(shapes)}});
  }
  const auto& [flip, crop_padding, cutout] = origin.augmentation;
  return nlohmann::json{{"data", origin.data},
                        {"images", origin.images},
                        {"classes", origin.classes},
                        {"augmentation", {{"flip", flip}, {"crop_padding", crop_padding}, {"cutout", cutout}}},
                        {"seed", origin.seed.value},
                        {"epochs", origin.epochs},
                        {"halves", origin.keeping.halves},
                        {"top", origin.keeping.top},
                        {"teachers", origin.teachers},
                        {"count", origin.shapes.size()},
                        {"taps", std::move(taps)}}
      .dump();
}

/// Throws what nlohmann::json throws where the text is not as `to_json` writes it.
ATTAR_INLINE KnowledgeOrigin origin_from_json(std::string_view text, std::size_t tensors) {
  const nlohmann::json json = nlohmann::json::parse(text);
  const nlohmann::json& augmentation = json.at("augmentation");
  KnowledgeOrigin origin;
  json.at("data").get_to(origin.data);
  json.at("images").get_to(origin.images);
  json.at("classes").get_to(origin.classes);
  augmentation.at("flip").get_to(origin.augmentation.flip);
  augmentation.at("crop_padding").get_to(origin.augmentation.crop_padding);
  augmentation.at("cutout").get_to(origin.augmentation.cutout);
  json.at("seed").get_to(origin.seed.value);
  json.at("epochs").get_to(origin.epochs);
  json.at("halves").get_to(origin.keeping.halves);
  json.at("top").get_to(origin.keeping.top);
  json.at("teachers").get_to(origin.teachers);
  origin.shapes.resize(std::min(json.at("count").get<std::size_t>(), tensors));
  for (const nlohmann::json& tap : json.at("taps")) {
    origin.taps.push_back(tap.at("where").get<std::string>());
    for (std::size_t teacher = 0; teacher < origin.shapes.size(); ++teacher) {
      const nlohmann::json& shape = tap.at("shapes").at(teacher);
      origin.shapes[teacher].push_back({shape.at(0).get<int>(), shape.at(1).get<int>(), shape.at(2).get<int>()});
    }
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

ATTAR_INLINE void save(const Knowledge& knowledge, const std::filesystem::path& path) {
  std::vector<TensorEntry> entries;
  for (const auto& tensor : knowledge.tensors()) {
    entries.push_back({tensor.name, tensor.dtype, tensor.shape, tensor.bytes});
  }
  write_safetensors(path, entries, {{std::string{detail::knowledge_key}, detail::to_json(knowledge.origin())}});
}

ATTAR_INLINE Knowledge load_knowledge(const std::filesystem::path& path, const SafetensorsLimits& limits) {
  const SafetensorsFile file = SafetensorsFile::open(path, limits);
  const std::string subject = path.string();
  const std::optional<std::string_view> text = file.metadata(detail::knowledge_key);
  if (!text) raise(Error{ErrorCode::unsupported, subject, "knowledge of teachers", "a file of something else"});
  return detail::translate_exceptions<nlohmann::json::exception>(
      [&] {
        KnowledgeOrigin origin = detail::origin_from_json(*text, file.tensors().size());
        const std::vector<const StoredTensor*> stored = detail::find_tensors(origin, file, subject);
        Knowledge knowledge{std::move(origin)};
        for (std::size_t i = 0; i < stored.size(); ++i) {
          const std::span<const std::byte> data = stored[i]->data;
          if (!data.empty()) std::memcpy(knowledge.tensors()[i].bytes.data(), data.data(), data.size());
        }
        detail::check_classes(knowledge, subject);
        return knowledge;
      },
      [&](const nlohmann::json::exception& error) {
        return Error{ErrorCode::file_damaged, subject, "metadata of a knowledge", detail::printable(error.what())};
      });
}

}  // namespace attar
