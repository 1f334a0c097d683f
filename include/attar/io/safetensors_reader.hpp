// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <attar/core/aligned_buffer.hpp>
#include <attar/core/dtype.hpp>
#include <attar/core/error.hpp>
#include <attar/io/checksum.hpp>
#include <attar/io/file.hpp>
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
/// data, then the checksums if Attar wrote the file. The data are read once and not copied. Copies share them.
///
///     const auto file = SafetensorsFile::open("model.safetensors");
///     if (const StoredTensor* weight = file.find("conv1.weight")) weight->copy_to(buffer.span());
class SafetensorsFile {
 public:
  /// Reads a file that is trusted in nothing. Throws `Error` with `file_not_found`, `file_access`, `file_damaged`,
  /// `unsupported` (unknown type or later format version, more than `limits`) or `out_of_memory`.
  [[nodiscard]] static SafetensorsFile open(const std::filesystem::path& path, const SafetensorsLimits& limits = {}) {
    detail::InputFile file{path};
    const std::string subject = path.string();
    Prefix prefix{};
    if (file.size() >= prefix.size()) file.read(prefix);
    AlignedBuffer<std::byte> text{header_length(prefix, file.size(), subject, limits)};
    file.read(text.span());
    const std::uint64_t data_bytes = file.size() - prefix.size() - text.size();
    auto header = checked_header(text.span(), data_bytes, subject, limits);
    auto data = std::make_shared<AlignedBuffer<std::byte>>(static_cast<std::size_t>(data_bytes));
    file.read(data->span());
    const std::span<const std::byte> view = data->span();
    return SafetensorsFile{std::move(header), view, std::move(data), subject};
  }

  /// The same for a file in memory, which must outlive the result; `subject` is its name in messages.
  [[nodiscard]] static SafetensorsFile parse(std::span<const std::byte> bytes, const std::string& subject,
                                             const SafetensorsLimits& limits = {}) {
    Prefix prefix{};
    if (bytes.size() >= prefix.size()) std::ranges::copy(bytes.first<prefix.size()>(), prefix.begin());
    const std::size_t length = header_length(prefix, bytes.size(), subject, limits);
    const auto text = bytes.subspan(prefix.size(), length);
    const auto data = bytes.subspan(prefix.size() + length);
    return SafetensorsFile{checked_header(text, data.size(), subject, limits), data, nullptr, subject};
  }

  /// All tensors, sorted by name.
  [[nodiscard]] std::span<const StoredTensor> tensors() const noexcept { return tensors_; }
  /// The tensor of that name, or nullptr.
  [[nodiscard]] const StoredTensor* find(std::string_view name) const noexcept {
    const auto found = std::ranges::lower_bound(tensors_, name, std::less<>{}, &StoredTensor::name);
    return found != tensors_.end() && found->name == name ? &*found : nullptr;
  }
  [[nodiscard]] const Metadata& metadata() const noexcept { return metadata_; }
  /// The metadata text of that key, or nothing.
  [[nodiscard]] std::optional<std::string_view> metadata(std::string_view key) const {
    const auto found = metadata_.find(key);
    return found == metadata_.end() ? std::nullopt : std::optional<std::string_view>{found->second};
  }

 private:
  using Prefix = std::array<std::byte, sizeof(std::uint64_t)>;

  static std::size_t header_length(const Prefix& prefix, std::uint64_t file_bytes, const std::string& subject,
                                   const SafetensorsLimits& limits) {
    if (file_bytes < prefix.size())
      raise(Error{ErrorCode::file_damaged, subject, "8 bytes with the header's length",
                  std::to_string(file_bytes) + " bytes in all"});
    const auto length = std::bit_cast<std::uint64_t>(prefix);
    if (length > limits.header_bytes)
      raise(Error{ErrorCode::unsupported, subject,
                  "a header within the limit of " + std::to_string(limits.header_bytes) + " bytes",
                  "one of " + std::to_string(length)});
    if (length > file_bytes - prefix.size())
      raise(Error{ErrorCode::file_damaged, subject, "a header of " + std::to_string(length) + " bytes",
                  std::to_string(file_bytes - prefix.size()) + " bytes to the end of the file"});
    return static_cast<std::size_t>(length);
  }

  static detail::SafetensorsHeader checked_header(std::span<const std::byte> bytes, std::uint64_t data_bytes,
                                                  const std::string& subject, const SafetensorsLimits& limits) {
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
  static void check_version(const Metadata& metadata, const std::string& subject) {
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

  SafetensorsFile(detail::SafetensorsHeader header, std::span<const std::byte> data,
                  std::shared_ptr<const AlignedBuffer<std::byte>> memory, const std::string& subject)
      : memory_{std::move(memory)}, metadata_{std::move(header.metadata)} {
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

  std::shared_ptr<const AlignedBuffer<std::byte>> memory_;  // Empty if the caller owns the bytes.
  Metadata metadata_;
  std::vector<StoredTensor> tensors_;
};

}  // namespace attar
