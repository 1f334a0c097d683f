// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <attar/core/dtype.hpp>
#include <attar/core/error.hpp>
#include <attar/detail/whole_range.hpp>
#include <attar/io/few_bits.hpp>
#include <attar/io/model_file.hpp>
#include <attar/io/packed_tensor.hpp>
#include <attar/io/safetensors.hpp>
#include <attar/model/description.hpp>
#include <attar/model/named_tensors.hpp>

namespace attar {

/// What a tensor takes in a compressed file.
struct CompressedTensor {
  std::string name;
  std::size_t elements = 0;
  std::size_t non_zeros = 0;
  std::size_t plain_bytes = 0;  ///< In a file of `save`.
  std::size_t bytes = 0;        ///< In a file of `save_compressed`.
  std::string encoding;         ///< How it is written: "gaps of 5 bits, codebook".
};

namespace detail {

inline constexpr std::string_view compressed_key = "attar.compressed";
inline constexpr std::string_view compressed_version = "1";
inline constexpr std::string_view compressed_tensor = "compressed";

template <class Model>
inline constexpr bool has_named_tensors = requires(const Model& model) {
  named_tensors(model);
  model.program;
};

/// All tensors, one after the other.
template <class Model>
[[nodiscard]] std::vector<std::byte> pack_model(const Model& model) {
  std::vector<std::byte> bytes;
  for (const NamedTensor<const std::byte>& tensor : named_tensors(model)) {
    const PackedTensor packed = pack_tensor(tensor.bytes, size_of(tensor.dtype));
    bytes.insert(bytes.end(), packed.bytes.begin(), packed.bytes.end());
  }
  return bytes;
}

/// Fills a model from what `pack_model` made. Throws `file_damaged` or `architecture_mismatch`; the model then holds
/// some of it.
template <class Model>
void unpack_model(Model& model, std::span<const std::byte> bytes, const std::string& subject) {
  BitReader reader{bytes, subject};
  for (const NamedTensor<std::byte>& tensor : named_tensors(model)) {
    reader.set_subject(tensor_subject(subject, tensor.name));
    unpack_tensor(reader, tensor.bytes, size_of(tensor.dtype));
    require_few_bits(tensor, ErrorCode::file_damaged, reader.subject());
  }
  if (!reader.at_end()) reader.fail("the end of the data behind the last tensor", "more");
}

}  // namespace detail

/// Writes a network (fp32 or int8) in the compressed form, the last stage of Deep Compression (Han et al., ICLR 2016):
/// zeros by a bitmap or by the gaps between what is not zero, numbers by a codebook where a tensor has at most 256
/// different ones, else byte by byte; all of it Huffman-coded where that is shorter. Each tensor gets its shortest
/// form. Nothing is rounded: `load_compressed` brings back every bit. What makes the file small is what was done to the
/// network before: `prune`, `cluster`, `quantize`.
///
///     save_compressed(clustered.network, "student.compressed.safetensors");
///
/// The file is a safetensors file with one tensor, "compressed", and the architecture's fingerprint; it is replaced in
/// one step or not at all. Throws `Error` with `file_access` or `file_not_found`.
template <class Model>
void save_compressed(const Model& model, const std::string& path, Metadata extra = {}) {
  static_assert(detail::has_named_tensors<Model>,
                "attar[E122]: save_compressed takes a network; of a masked or clustered one, its member network");
  if constexpr (detail::has_named_tensors<Model>) {
    const std::vector<std::byte> bytes = detail::pack_model(model);
    const std::vector<TensorEntry> entries{{.name = std::string{detail::compressed_tensor},
                                            .dtype = DType::u8,
                                            .shape = {static_cast<std::int64_t>(bytes.size())},
                                            .data = bytes}};
    extra[std::string{detail::compressed_key}] = detail::compressed_version;
    extra[std::string{detail::fingerprint_key}] = fingerprint_text(model.program);
    write_safetensors(path, detail::span_of(entries), std::move(extra));
  }
}

/// Fills `model` from an open file of `save_compressed`, bit by bit as it was. The file is trusted in nothing, and
/// takes no more memory than the model does, a few times. Throws `Error` and leaves `model` as it was: `unsupported`
/// for a file that is not compressed (`load` reads it) or of a later version, `architecture_mismatch`, `file_damaged`.
template <class Model>
void load_compressed_into(Model& model, const SafetensorsFile& file, const std::string& subject) {
  const std::optional<std::string_view> version = file.metadata(detail::compressed_key);
  if (version != detail::compressed_version) {
    raise(Error{ErrorCode::unsupported, subject,
                "a compressed file of version " + std::string{detail::compressed_version},
                version ? "version '" + detail::printable(*version) + "'" : "a file that is not compressed"});
  }
  const std::string expected = fingerprint_text(model.program);
  const std::string_view fingerprint = file.metadata(detail::fingerprint_key).value_or("");
  if (fingerprint != expected) {
    raise(Error{ErrorCode::architecture_mismatch, subject, describe(model.program) + " (fingerprint " + expected + ")",
                "a file of another architecture (fingerprint " + detail::printable(fingerprint) + ")"});
  }
  const StoredTensor* tensor = file.find(detail::compressed_tensor);
  if (tensor == nullptr || tensor->dtype != DType::u8 || file.tensors().size() != 1) {
    raise(Error{ErrorCode::file_damaged, subject, "one tensor of bytes with the name 'compressed'", "others"});
  }
  Model filled = model;
  detail::unpack_model(filled, tensor->data, subject);
  model = std::move(filled);
}

/// Reads a network of a known type: `load_compressed<Network<Student>>("student.compressed.safetensors")`. Throws
/// `Error` (see `SafetensorsFile::open` and `load_compressed_into`).
template <class Model>
[[nodiscard]] std::remove_cv_t<Model> load_compressed(const std::string& path) {
  std::remove_cv_t<Model> model;
  load_compressed_into(model, SafetensorsFile::open(path), path);
  return model;
}

/// The same for a file in memory, which is trusted as little; `name` is what messages call it.
template <class Model>
[[nodiscard]] std::remove_cv_t<Model> load_compressed(std::span<const std::byte> file, const std::string& name) {
  std::remove_cv_t<Model> model;
  load_compressed_into(model, SafetensorsFile::parse(file, name), name);
  return model;
}

/// What each tensor of a network takes in a compressed file, which has a header of about 400 bytes besides.
template <class Model>
[[nodiscard]] std::vector<CompressedTensor> compressed_size(const Model& model) {
  std::vector<CompressedTensor> rows;
  for (const NamedTensor<const std::byte>& tensor : named_tensors(model)) {
    const detail::PackedTensor packed = detail::pack_tensor(tensor.bytes, size_of(tensor.dtype));
    rows.push_back({.name = tensor.name,
                    .elements = tensor.bytes.size() / size_of(tensor.dtype),
                    .non_zeros = packed.non_zeros,
                    .plain_bytes = detail::stored_bytes(tensor),
                    .bytes = packed.bytes.size(),
                    .encoding = packed.encoding.text()});
  }
  return rows;
}

}  // namespace attar
