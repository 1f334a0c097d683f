// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <attar/core/dtype.hpp>
#include <attar/core/error.hpp>
#include <attar/detail/whole_range.hpp>
#include <attar/io/file_bytes.hpp>
#include <attar/io/safetensors_format.hpp>
#include <attar/io/safetensors_header.hpp>

namespace attar {

/// A tensor in an open safetensors file.
struct StoredTensor {
  std::string name;
  std::string type;                 ///< As the file says: "F32", "I8", "I64"...
  std::optional<DType> dtype;       ///< Empty for types that Attar does not compute with, such as I64 and F16.
  std::vector<std::int64_t> shape;  ///< Empty for a single number.
  std::span<const std::byte> data;  ///< In the file's order; not aligned for its type if other programs wrote the file.

  /// Copies the numbers. Throws `Error` with `architecture_mismatch` unless type and count are the destination's.
  template <class T, std::size_t Extent>
  void copy_to(std::span<T, Extent> destination) const {
    if (dtype != dtype_of<T> || data.size() != destination.size_bytes())
      raise(Error{ErrorCode::architecture_mismatch, "tensor '" + detail::printable(name) + "'",
                  std::string{detail::safetensors_name(dtype_of<T>)} + " of " +
                      std::to_string(destination.size_bytes()) + " bytes",
                  type + " of " + std::to_string(data.size()) + " bytes"});
    if (!data.empty()) std::memcpy(destination.data(), data.data(), data.size());
  }
};

/// A safetensors file, wholly validated: the header by all rules of the format before any memory is taken for the
/// data, then the checksums if Attar wrote the file. The data are not copied (`FileBytes`). Copies share
/// them.
///
///     const auto file = SafetensorsFile::open("model.safetensors");
///     if (const StoredTensor* weight = file.find("conv1.weight")) weight->copy_to(buffer.span());
class SafetensorsFile {
 public:
  /// Opens a file that is trusted in nothing. Throws `Error` with `file_not_found`, `file_access`, `file_damaged`,
  /// `unsupported` (unknown type or later format version, more than `limits`) or `out_of_memory`.
  [[nodiscard]] static SafetensorsFile open(const std::string& path, const SafetensorsLimits& limits = {});

  /// The same for a file in memory, which must outlive the result; `subject` is its name in messages.
  [[nodiscard]] static SafetensorsFile parse(std::span<const std::byte> bytes, const std::string& subject,
                                             const SafetensorsLimits& limits = {}) {
    return SafetensorsFile{FileBytes{bytes}, subject, limits};
  }

  /// All tensors, sorted by name.
  [[nodiscard]] std::span<const StoredTensor> tensors() const noexcept { return detail::span_of(tensors_); }
  /// The tensor of that name, or nullptr.
  [[nodiscard]] const StoredTensor* find(std::string_view name) const noexcept;
  [[nodiscard]] const Metadata& metadata() const noexcept { return metadata_; }
  /// The metadata text of that key, or nothing.
  [[nodiscard]] std::optional<std::string_view> metadata(std::string_view key) const;

 private:
  SafetensorsFile(FileBytes bytes, const std::string& subject, const SafetensorsLimits& limits);

  void check_tensors(const std::string& subject) const;

  FileBytes bytes_;
  Metadata metadata_;
  std::vector<StoredTensor> tensors_;
};

}  // namespace attar

#ifndef ATTAR_COMPILED
#include <attar/io/safetensors_reader_impl.hpp>
#endif
