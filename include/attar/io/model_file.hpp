// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include <attar/core/error.hpp>
#include <attar/detail/whole_range.hpp>
#include <attar/io/few_bits.hpp>
#include <attar/io/safetensors.hpp>
#include <attar/model/description.hpp>
#include <attar/model/named_tensors.hpp>

namespace attar {

namespace detail {

inline constexpr std::string_view fingerprint_key = "attar.fingerprint";
inline constexpr std::string_view architecture_key = "attar.architecture";

/// All differences between what a model has and what a file holds; empty where there are none.
[[nodiscard, gnu::cold]] std::string differences(const std::vector<NamedTensor<std::byte>>& wanted,
                                                 const SafetensorsFile& file);

}  // namespace detail

/// Writes a network (fp32 or int8) as safetensors: tensors named as PyTorch names them; the metadata hold the
/// architecture's fingerprint and description, checksums, and what `extra` adds. Weights of 4 and 2 bits are packed
/// (io/few_bits.hpp). The file is replaced in one step or not at all. Throws `Error` with `file_access`,
/// `file_not_found`, or `invalid_data` for a weight that its bits do not hold.
template <class Model>
void save(const Model& model, const std::string& path, Metadata extra = {}) {
  std::vector<TensorEntry> entries;
  std::vector<std::vector<std::byte>> packed;  // Entries point to what these hold, which stays where it is.
  for (const NamedTensor<const std::byte>& tensor : named_tensors(model)) {
    std::span<const std::byte> data = tensor.bytes;
    if (tensor.bits != 0) {
      data = packed.emplace_back(detail::pack_few_bits(tensor));
      extra[std::string{detail::packed_key} + tensor.name] = detail::packed_text(tensor);
    }
    entries.push_back({.name = tensor.name,
                       .dtype = detail::stored_dtype(tensor),
                       .shape = detail::stored_shape(tensor),
                       .data = data});
  }
  extra[std::string{detail::fingerprint_key}] = fingerprint_text(model.program);
  extra[std::string{detail::architecture_key}] = describe(model.program);
  write_safetensors(path, detail::span_of(entries), extra);
}

/// Fills `model` from an open file. Throws `Error` with `architecture_mismatch` and leaves `model` as it was where the
/// file belongs to another architecture; the message lists every tensor that differs. Files of other programs (PyTorch)
/// have no fingerprint: names, types and shapes then decide. `file_damaged` for packed weights that cannot be.
template <class Model>
void load_into(Model& model, const SafetensorsFile& file, const std::string& subject) {
  const std::vector<NamedTensor<std::byte>> wanted = named_tensors(model);
  const std::string differing = detail::differences(wanted, file);
  if (!differing.empty()) {
    raise(Error{ErrorCode::architecture_mismatch, subject, describe(model.program),
                "a file of another architecture:" + differing});
  }
  const std::optional<std::string_view> fingerprint = file.metadata(detail::fingerprint_key);
  if (fingerprint && *fingerprint != fingerprint_text(model.program)) {
    raise(Error{ErrorCode::architecture_mismatch, subject,
                describe(model.program) + " (fingerprint " + fingerprint_text(model.program) + ")",
                detail::printable(file.metadata(detail::architecture_key).value_or("an unnamed architecture"), 2000) +
                    " (fingerprint " + detail::printable(*fingerprint) + ")"});
  }
  std::vector<std::vector<std::byte>> unpacked(wanted.size());  // Before the model changes, for it can fail.
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    if (wanted[i].bits == 0) continue;
    unpacked[i] = detail::unpack_few_bits(wanted[i], file.find(wanted[i].name)->data, subject);
  }
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    const std::span<const std::byte> numbers =
        wanted[i].bits == 0 ? file.find(wanted[i].name)->data : std::span<const std::byte>{unpacked[i]};
    std::memcpy(wanted[i].bytes.data(), numbers.data(), numbers.size());
  }
}

/// Reads a network of a known type: `load<Network<Student>>("student.safetensors")`. The file is validated wholly,
/// then compared with the architecture. Throws `Error` (see `SafetensorsFile::open` and `load_into`).
template <class Model>
[[nodiscard]] std::remove_cv_t<Model> load(const std::string& path) {
  std::remove_cv_t<Model> model;
  load_into(model, SafetensorsFile::open(path), path);
  return model;
}

/// The same for a file in memory (a resource of the program, a download), which is trusted as little; `name` is what
/// messages call it. The bytes are not needed afterwards.
template <class Model>
[[nodiscard]] std::remove_cv_t<Model> load(std::span<const std::byte> file, const std::string& name) {
  std::remove_cv_t<Model> model;
  load_into(model, SafetensorsFile::parse(file, name), name);
  return model;
}

}  // namespace attar

#ifndef ATTAR_COMPILED
#include <attar/io/model_file_impl.hpp>
#endif
