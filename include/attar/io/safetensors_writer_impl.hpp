// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include <attar/core/dtype.hpp>
#include <attar/core/error.hpp>
#include <attar/detail/compiled.hpp>
#include <attar/io/checksum.hpp>
#include <attar/io/file.hpp>
#include <attar/io/safetensors_format.hpp>
#include <attar/io/safetensors_writer.hpp>

namespace attar {

namespace detail {

inline void check_entry(const TensorEntry& entry, const nlohmann::json& header) {
  const auto fail = [&](std::string expected, std::string found) {
    raise(Error{ErrorCode::invalid_argument, "tensor '" + printable(entry.name) + "'", std::move(expected),
                std::move(found)});
  };
  if (entry.name == "__metadata__") fail("a name other than __metadata__", "it");
  if (header.contains(entry.name)) fail("each name once", "it twice");
  std::uint64_t bytes = size_of(entry.dtype);
  for (const std::int64_t size : entry.shape) {
    if (size < 0 || __builtin_mul_overflow(bytes, static_cast<std::uint64_t>(size), &bytes))
      fail("sizes from 0 on whose product is below 2^64 bytes", std::to_string(size));
  }
  if (bytes != entry.data.size())
    fail(std::to_string(bytes) + " bytes of data by dtype and shape", std::to_string(entry.data.size()));
}

/// The header with its length in front, padded so that the data which follow begin at a multiple of 64 bytes.
[[nodiscard]] inline std::string finish_header(const nlohmann::json& json, const std::string& subject) {
  using Invalid = nlohmann::json::error_handler_t;
  std::string header = json.dump(-1, ' ', false, Invalid::ignore);
  // What is not UTF-8 is the one thing that the two treat differently.
  if (header != json.dump(-1, ' ', false, Invalid::replace))
    raise(Error{ErrorCode::invalid_argument, subject, "names and metadata in UTF-8", "other bytes"});
  header.resize((header.size() + 8 + 63) / 64 * 64 - 8, ' ');
  const std::size_t digits = find_header_checksum(header);
  header.replace(digits, 16, header_checksum(header, digits));
  const auto length = std::bit_cast<std::array<char, 8>>(std::uint64_t{header.size()});
  return std::string{length.data(), length.size()} + header;
}

}  // namespace detail

ATTAR_INLINE void write_safetensors(const std::filesystem::path& path, std::span<const TensorEntry> entries,
                                    Metadata metadata) {
  std::vector<const TensorEntry*> by_size;
  for (const auto& entry : entries) by_size.push_back(&entry);
  auto by_name = by_size;
  std::ranges::sort(by_size, [](const auto* a, const auto* b) {
    const auto size_a = size_of(a->dtype);
    const auto size_b = size_of(b->dtype);
    return size_a != size_b ? size_a > size_b : a < b;  // Both point into `entries`.
  });
  std::ranges::sort(by_name, std::less<>{}, &TensorEntry::name);

  nlohmann::json header;
  std::vector<std::span<const std::byte>> parts(1);
  std::uint64_t position = 0;
  for (const auto* entry : by_size) {
    detail::check_entry(*entry, header);
    const std::uint64_t end = position + entry->data.size();
    header[entry->name] = {
        {"dtype", detail::safetensors_name(entry->dtype)}, {"shape", entry->shape}, {"data_offsets", {position, end}}};
    parts.push_back(entry->data);
    position = end;
  }
  std::string checksums;
  for (const auto* entry : by_name) checksums += Checksum{}.add(entry->data).hex() + ' ';
  metadata.insert_or_assign(std::string{metadata_key::format}, detail::safetensors_format_version);
  metadata.insert_or_assign(std::string{metadata_key::header_checksum}, std::string(16, '0'));
  metadata.insert_or_assign(std::string{metadata_key::tensor_checksums}, std::move(checksums));
  header["__metadata__"] = metadata;

  const std::string front = detail::finish_header(header, path.string());
  parts.front() = std::as_bytes(std::span{front});
  write_file_atomically(path, parts);
}

}  // namespace attar
