// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <attar/core/dtype.hpp>
#include <attar/io/safetensors_format.hpp>

namespace attar {

/// A tensor to write. `data` holds its numbers in row-major order and need only live until the call returns.
struct TensorEntry {
  std::string name;
  DType dtype = DType::f32;
  std::vector<std::int64_t> shape;
  std::span<const std::byte> data;
};

/// Writes a safetensors file by way of `write_file_atomically`. Tensors of wider types come first, else in the order
/// given, so that each is aligned for its type. The keys in `metadata_key` are added to the metadata (or replaced).
/// Throws `Error` with `invalid_argument` (a name twice, data not of the shape's size, a text that is not UTF-8),
/// `file_not_found` or `file_access`.
void write_safetensors(const std::string& path, std::span<const TensorEntry> entries, Metadata metadata = {});

}  // namespace attar

#ifndef ATTAR_COMPILED
#include <attar/io/safetensors_writer_impl.hpp>
#endif
