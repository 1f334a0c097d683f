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

#include <attar/core/error.hpp>
#include <attar/detail/compiled.hpp>
#include <attar/io/checksum.hpp>
#include <attar/io/file_bytes.hpp>
#include <attar/io/safetensors_format.hpp>
#include <attar/io/safetensors_header.hpp>
#include <attar/io/safetensors_reader.hpp>

namespace attar {
namespace detail {

/// Of the header's length, with which a file begins.
inline constexpr std::size_t safetensors_prefix_bytes = sizeof(std::uint64_t);

[[nodiscard, gnu::cold]] inline std::size_t header_length(std::span<const std::byte> file, const std::string& subject,
                                                          const SafetensorsLimits& limits) {
  if (file.size() < safetensors_prefix_bytes)
    raise(Error{ErrorCode::file_damaged, subject, "8 bytes with the header's length",
                std::to_string(file.size()) + " bytes in all"});
  std::uint64_t length = 0;
  std::memcpy(&length, file.data(), safetensors_prefix_bytes);
  if (length > limits.header_bytes)
    raise(Error{ErrorCode::unsupported, subject,
                "a header within the limit of " + std::to_string(limits.header_bytes) + " bytes",
                "one of " + std::to_string(length)});
  if (length > file.size() - safetensors_prefix_bytes)
    raise(Error{ErrorCode::file_damaged, subject, "a header of " + std::to_string(length) + " bytes",
                std::to_string(file.size() - safetensors_prefix_bytes) + " bytes to the end of the file"});
  return static_cast<std::size_t>(length);
}

/// A file with any of Attar's keys must have all that protect it, so that damage to a key does not switch them off.
[[gnu::cold]] inline void check_version(const Metadata& metadata, const std::string& subject) {
  const auto first = metadata.lower_bound(metadata_key::prefix);
  if (first == metadata.end() || !first->first.starts_with(metadata_key::prefix)) return;
  const auto version = metadata.find(metadata_key::format);
  if (version != metadata.end() && version->second != safetensors_format_version)
    raise(Error{ErrorCode::unsupported, subject,
                "version " + std::string{safetensors_format_version} + " of Attar's files",
                "version '" + printable(version->second) + "', perhaps of a later Attar"});
  for (const auto key : {metadata_key::format, metadata_key::header_checksum, metadata_key::tensor_checksums}) {
    if (!metadata.contains(key))
      raise(Error{ErrorCode::file_damaged, subject, "the metadata key " + std::string{key}, "none"});
  }
}

[[nodiscard, gnu::cold]] inline SafetensorsHeader checked_header(std::span<const std::byte> bytes,
                                                                 std::uint64_t data_bytes, const std::string& subject,
                                                                 const SafetensorsLimits& limits) {
  const std::string_view text{reinterpret_cast<const char*>(bytes.data()), bytes.size()};
  auto header = parse_header(text, data_bytes, subject);
  check_version(header.metadata, subject);
  if (header.metadata.contains(metadata_key::header_checksum)) {
    const std::size_t digits = find_header_checksum(text);
    if (digits == text.npos)
      raise(Error{ErrorCode::file_damaged, subject, "a header checksum as Attar writes it", "another text"});
    const std::string computed = header_checksum(text, digits);
    if (text.substr(digits, computed.size()) != computed)
      raise(Error{ErrorCode::file_damaged, subject,
                  "the header checksum " + printable(text.substr(digits, computed.size())), computed});
  }
  if (data_bytes > std::min<std::uint64_t>(limits.data_bytes, std::numeric_limits<std::size_t>::max()))
    raise(Error{ErrorCode::unsupported, subject,
                "tensors within the limit of " + std::to_string(limits.data_bytes) + " bytes",
                std::to_string(data_bytes) + " bytes"});
  return header;
}

}  // namespace detail

ATTAR_INLINE SafetensorsFile SafetensorsFile::open(const std::string& path, const SafetensorsLimits& limits) {
  return SafetensorsFile{FileBytes::open(path), path, limits};
}

ATTAR_INLINE const StoredTensor* SafetensorsFile::find(std::string_view name) const noexcept {
  const auto found =
      std::lower_bound(tensors_.begin(), tensors_.end(), name,
                       [](const StoredTensor& tensor, std::string_view wanted) { return tensor.name < wanted; });
  return found != tensors_.end() && found->name == name ? &*found : nullptr;
}

ATTAR_INLINE std::optional<std::string_view> SafetensorsFile::metadata(std::string_view key) const {
  const auto found = metadata_.find(key);
  return found == metadata_.end() ? std::nullopt : std::optional<std::string_view>{found->second};
}

ATTAR_INLINE SafetensorsFile::SafetensorsFile(FileBytes bytes, const std::string& subject,
                                              const SafetensorsLimits& limits)
    : bytes_{std::move(bytes)} {
  const std::size_t length = detail::header_length(bytes_.span(), subject, limits);
  const auto data = bytes_.span().subspan(detail::safetensors_prefix_bytes + length);
  auto header = detail::checked_header(bytes_.span().subspan(detail::safetensors_prefix_bytes, length), data.size(),
                                       subject, limits);
  metadata_ = std::move(header.metadata);
  tensors_.reserve(header.tensors.size());
  for (auto& tensor : header.tensors) {
    tensors_.push_back(
        {std::move(tensor.name), std::string{tensor.type->name}, tensor.type->dtype, std::move(tensor.shape),
         data.subspan(static_cast<std::size_t>(tensor.begin), static_cast<std::size_t>(tensor.end - tensor.begin))});
  }
  check_tensors(subject);
}

ATTAR_INLINE void SafetensorsFile::check_tensors(const std::string& subject) const {
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

}  // namespace attar
