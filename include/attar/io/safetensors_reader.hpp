// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <attar/core/dtype.hpp>
#include <attar/core/error.hpp>
#include <attar/io/checksum.hpp>
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
  [[nodiscard]] static SafetensorsFile open(const std::string& path, const SafetensorsLimits& limits = {}) {
    return SafetensorsFile{FileBytes::open(path), path, limits};
  }

  /// The same for a file in memory, which must outlive the result; `subject` is its name in messages.
  [[nodiscard]] static SafetensorsFile parse(std::span<const std::byte> bytes, const std::string& subject,
                                             const SafetensorsLimits& limits = {}) {
    return SafetensorsFile{FileBytes{bytes}, subject, limits};
  }

  /// All tensors, sorted by name.
  [[nodiscard]] std::span<const StoredTensor> tensors() const noexcept { return tensors_; }
  /// The tensor of that name, or nullptr.
  [[nodiscard]] const StoredTensor* find(std::string_view name) const noexcept {
    const auto found =
        std::lower_bound(tensors_.begin(), tensors_.end(), name,
                         [](const StoredTensor& tensor, std::string_view wanted) { return tensor.name < wanted; });
    return found != tensors_.end() && found->name == name ? &*found : nullptr;
  }
  [[nodiscard]] const Metadata& metadata() const noexcept { return metadata_; }
  /// The metadata text of that key, or nothing.
  [[nodiscard]] std::optional<std::string_view> metadata(std::string_view key) const {
    const auto found = metadata_.find(key);
    return found == metadata_.end() ? std::nullopt : std::optional<std::string_view>{found->second};
  }

 private:
  static constexpr std::size_t prefix_bytes = sizeof(std::uint64_t);

  [[gnu::cold]] static std::size_t header_length(std::span<const std::byte> file, const std::string& subject,
                                                 const SafetensorsLimits& limits) {
    if (file.size() < prefix_bytes)
      raise(Error{ErrorCode::file_damaged, subject, "8 bytes with the header's length",
                  std::to_string(file.size()) + " bytes in all"});
    std::uint64_t length = 0;
    std::memcpy(&length, file.data(), prefix_bytes);
    if (length > limits.header_bytes)
      raise(Error{ErrorCode::unsupported, subject,
                  "a header within the limit of " + std::to_string(limits.header_bytes) + " bytes",
                  "one of " + std::to_string(length)});
    if (length > file.size() - prefix_bytes)
      raise(Error{ErrorCode::file_damaged, subject, "a header of " + std::to_string(length) + " bytes",
                  std::to_string(file.size() - prefix_bytes) + " bytes to the end of the file"});
    return static_cast<std::size_t>(length);
  }

  [[gnu::cold]] static detail::SafetensorsHeader checked_header(std::span<const std::byte> bytes,
                                                                std::uint64_t data_bytes, const std::string& subject,
                                                                const SafetensorsLimits& limits) {
    const std::string_view text{reinterpret_cast<const char*>(bytes.data()), bytes.size()};
    auto header = detail::parse_header(text, data_bytes, subject);
    check_version(header.metadata, subject);
    if (header.metadata.contains(metadata_key::header_checksum)) {
      const std::size_t digits = detail::find_header_checksum(text);
      if (digits == text.npos)
        raise(Error{ErrorCode::file_damaged, subject, "a header checksum as Attar writes it", "another text"});
      const std::string computed = detail::header_checksum(text, digits);
      if (text.substr(digits, computed.size()) != computed)
        raise(Error{ErrorCode::file_damaged, subject,
                    "the header checksum " + detail::printable(text.substr(digits, computed.size())), computed});
    }
    if (data_bytes > std::min<std::uint64_t>(limits.data_bytes, std::numeric_limits<std::size_t>::max()))
      raise(Error{ErrorCode::unsupported, subject,
                  "tensors within the limit of " + std::to_string(limits.data_bytes) + " bytes",
                  std::to_string(data_bytes) + " bytes"});
    return header;
  }

  /// A file with any of Attar's keys must have all that protect it, so that damage to a key does not switch them off.
  [[gnu::cold]] static void check_version(const Metadata& metadata, const std::string& subject) {
    const auto first = metadata.lower_bound(metadata_key::prefix);
    if (first == metadata.end() || !first->first.starts_with(metadata_key::prefix)) return;
    const auto version = metadata.find(metadata_key::format);
    if (version != metadata.end() && version->second != detail::safetensors_format_version)
      raise(Error{ErrorCode::unsupported, subject,
                  "version " + std::string{detail::safetensors_format_version} + " of Attar's files",
                  "version '" + detail::printable(version->second) + "', perhaps of a later Attar"});
    for (const auto key : {metadata_key::format, metadata_key::header_checksum, metadata_key::tensor_checksums}) {
      if (!metadata.contains(key))
        raise(Error{ErrorCode::file_damaged, subject, "the metadata key " + std::string{key}, "none"});
    }
  }

  SafetensorsFile(FileBytes bytes, const std::string& subject, const SafetensorsLimits& limits)
      : bytes_{std::move(bytes)} {
    const std::size_t length = header_length(bytes_.span(), subject, limits);
    const auto data = bytes_.span().subspan(prefix_bytes + length);
    auto header = checked_header(bytes_.span().subspan(prefix_bytes, length), data.size(), subject, limits);
    metadata_ = std::move(header.metadata);
    tensors_.reserve(header.tensors.size());
    for (auto& tensor : header.tensors) {
      tensors_.push_back(
          {std::move(tensor.name), std::string{tensor.type->name}, tensor.type->dtype, std::move(tensor.shape),
           data.subspan(static_cast<std::size_t>(tensor.begin), static_cast<std::size_t>(tensor.end - tensor.begin))});
    }
    check_tensors(subject);
  }

  void check_tensors(const std::string& subject) const {
    const auto checksums = metadata(metadata_key::tensor_checksums);
    if (!checksums) return;
    if (checksums->size() != tensors_.size() * 17)
      raise(Error{ErrorCode::file_damaged, subject, std::to_string(tensors_.size()) + " tensor checksums",
                  std::to_string(checksums->size()) + " characters"});
    for (std::size_t i = 0; i < tensors_.size(); ++i) {
      const std::string computed = Checksum{}.add(tensors_[i].data).hex();
      const auto stored = checksums->substr(17 * i, 16);
      if (stored != computed)
        raise(Error{ErrorCode::file_damaged, detail::tensor_subject(subject, tensors_[i].name),
                    "the data checksum " + detail::printable(stored), computed});
    }
  }

  FileBytes bytes_;
  Metadata metadata_;
  std::vector<StoredTensor> tensors_;
};

}  // namespace attar
