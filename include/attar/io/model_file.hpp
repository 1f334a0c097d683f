// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include <attar/core/error.hpp>
#include <attar/io/safetensors.hpp>
#include <attar/model/description.hpp>
#include <attar/model/named_tensors.hpp>

namespace attar {

namespace detail {

inline constexpr std::string_view fingerprint_key = "attar.fingerprint";
inline constexpr std::string_view architecture_key = "attar.architecture";

/// "[16, 1, 3, 3]".
[[nodiscard]] inline std::string shape_text(const std::vector<std::int64_t>& shape) {
  std::string text = "[";
  for (const std::int64_t dim : shape) text += (text.size() > 1 ? ", " : "") + std::to_string(dim);
  return text + "]";
}

/// All differences between what a model has and what a file holds; empty where there are none.
[[nodiscard]] inline std::string differences(const std::vector<NamedTensor<std::byte>>& wanted,
                                             const SafetensorsFile& file) {
  std::string text;
  for (const NamedTensor<std::byte>& tensor : wanted) {
    const StoredTensor* stored = file.find(tensor.name);
    const std::string type{safetensors_name(tensor.dtype)};
    if (stored == nullptr) {
      text += "\n  " + tensor.name + ": missing";
    } else if (stored->dtype != tensor.dtype || stored->shape != tensor.shape) {
      text += "\n  " + tensor.name + ": expected " + type + shape_text(tensor.shape) + ", found " +
              printable(stored->type) + shape_text(stored->shape);
    }
  }
  for (const StoredTensor& stored : file.tensors()) {
    const bool known = std::any_of(wanted.begin(), wanted.end(), [&](const auto& t) { return t.name == stored.name; });
    // PyTorch counts batches in a number that no computation needs.
    if (!known && !stored.name.ends_with("num_batches_tracked")) {
      text += "\n  " + printable(stored.name) + ": not in the architecture";
    }
  }
  return text;
}

}  // namespace detail

/// Writes a network (fp32 or int8) as safetensors: tensors named as PyTorch names them; the metadata hold the
/// architecture's fingerprint and description, checksums, and what `extra` adds. The file is replaced in one step or
/// not at all. Throws `Error` with `file_access` or `file_not_found`.
template <class Model>
void save(const Model& model, const std::filesystem::path& path, Metadata extra = {}) {
  std::vector<TensorEntry> entries;
  for (const NamedTensor<const std::byte>& tensor : named_tensors(model)) {
    entries.push_back({.name = tensor.name, .dtype = tensor.dtype, .shape = tensor.shape, .data = tensor.bytes});
  }
  extra[std::string{detail::fingerprint_key}] = fingerprint_text(model.program);
  extra[std::string{detail::architecture_key}] = describe(model.program);
  write_safetensors(path, entries, extra);
}

/// Fills `model` from an open file. Throws `Error` with `architecture_mismatch` and leaves `model` as it was where the
/// file belongs to another architecture; the message lists every tensor that differs. Files of other programs (PyTorch)
/// have no fingerprint: names, types and shapes then decide.
template <class Model>
void load_into(Model& model, const SafetensorsFile& file, const std::string& subject) {
  const std::vector<NamedTensor<std::byte>> wanted = named_tensors(model);
  const std::string differing = detail::differences(wanted, file);
  if (!differing.empty()) {
    throw Error{ErrorCode::architecture_mismatch, subject, describe(model.program),
                "a file of another architecture:" + differing};
  }
  const std::optional<std::string_view> fingerprint = file.metadata(detail::fingerprint_key);
  if (fingerprint && *fingerprint != fingerprint_text(model.program)) {
    throw Error{ErrorCode::architecture_mismatch, subject,
                describe(model.program) + " (fingerprint " + fingerprint_text(model.program) + ")",
                detail::printable(file.metadata(detail::architecture_key).value_or("an unnamed architecture"), 2000) +
                    " (fingerprint " + detail::printable(*fingerprint) + ")"};
  }
  for (const NamedTensor<std::byte>& tensor : wanted) {
    std::memcpy(tensor.bytes.data(), file.find(tensor.name)->data.data(), tensor.bytes.size());
  }
}

/// Reads a network of a known type: `load<Network<Student>>("student.safetensors")`. The file is validated wholly,
/// then compared with the architecture. Throws `Error` (see `SafetensorsFile::open` and `load_into`).
template <class Model>
[[nodiscard]] std::remove_cv_t<Model> load(const std::filesystem::path& path) {
  std::remove_cv_t<Model> model;
  load_into(model, SafetensorsFile::open(path), path.string());
  return model;
}

}  // namespace attar
