// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <attar/core/dtype.hpp>
#include <attar/core/error.hpp>
#include <attar/io/safetensors_reader.hpp>
#include <attar/model/named_tensors.hpp>

/// Weights of 4 or 2 bits in a file: two's complement, two or four a byte, the first in the lowest bits. A tensor is
/// packed as a whole, in row-major order; what is left of its last byte is zero. In the file it is a row of U8 with its
/// own name, and the metadata key "attar.packed.NAME" has its bits and its shape, as Python's json.dumps writes them:
///
///     {"bits": 4, "shape": [16, 1, 3, 3]}
///
/// Codes are symmetric: of 4 bits from -7 to 7, of 2 bits from -1 to 1. The lowest code is refused.
namespace attar::detail {

inline constexpr std::string_view packed_key = "attar.packed.";

/// What the metadata say of a packed tensor.
template <class Byte>
[[nodiscard, gnu::cold]] std::string packed_text(const NamedTensor<Byte>& tensor) {
  return "{\"bits\": " + std::to_string(tensor.bits) + ", \"shape\": " + shape_text(tensor.shape) + "}";
}

/// The type and the shape of a tensor in a file.
template <class Byte>
[[nodiscard]] DType stored_dtype(const NamedTensor<Byte>& tensor) {
  return tensor.bits == 0 ? tensor.dtype : DType::u8;
}
template <class Byte>
[[nodiscard]] std::vector<std::int64_t> stored_shape(const NamedTensor<Byte>& tensor) {
  return tensor.bits == 0 ? tensor.shape : std::vector{static_cast<std::int64_t>(stored_bytes(tensor))};
}

/// Throws `Error` with `code` unless every number of a tensor of few bits is one that its bits allow.
template <class Byte>
void require_few_bits(const NamedTensor<Byte>& tensor, ErrorCode code, const std::string& subject) {
  if (tensor.bits == 0) return;
  const int limit = (1 << (tensor.bits - 1)) - 1;
  for (const std::byte byte : tensor.bytes) {
    const int number = static_cast<std::int8_t>(byte);
    if (number >= -limit && number <= limit) continue;
    raise(Error{code, subject, "weights from " + std::to_string(-limit) + " to " + std::to_string(limit),
                std::to_string(number)});
  }
}

/// The bytes of a tensor of few bits for a file. Throws `Error` with `invalid_data` where a number does not fit.
[[nodiscard]] std::vector<std::byte> pack_few_bits(const NamedTensor<const std::byte>& tensor);

/// The numbers of a tensor of few bits. Throws `Error` with `file_damaged` for a code that the bits do not allow and
/// for anything behind the last one. `packed` has the right size.
[[nodiscard]] std::vector<std::byte> unpack_few_bits(const NamedTensor<std::byte>& tensor,
                                                     std::span<const std::byte> packed, const std::string& file);

}  // namespace attar::detail

#ifndef ATTAR_COMPILED
#include <attar/io/few_bits_impl.hpp>
#endif
