// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <attar/core/error.hpp>
#include <attar/detail/compiled.hpp>
#include <attar/io/few_bits.hpp>
#include <attar/io/safetensors_header.hpp>
#include <attar/model/named_tensors.hpp>

namespace attar::detail {

ATTAR_INLINE std::vector<std::byte> pack_few_bits(const NamedTensor<const std::byte>& tensor) {
  require_few_bits(tensor, ErrorCode::invalid_data, "tensor '" + printable(tensor.name) + "'");
  const auto bits = static_cast<unsigned>(tensor.bits);
  const std::size_t per_byte = 8 / bits;
  const std::byte mask{static_cast<std::uint8_t>((1U << bits) - 1)};
  std::vector<std::byte> packed(stored_bytes(tensor));
  for (std::size_t i = 0; i < tensor.bytes.size(); ++i) {
    packed[i / per_byte] |= (tensor.bytes[i] & mask) << static_cast<unsigned>(bits * (i % per_byte));
  }
  return packed;
}

ATTAR_INLINE std::vector<std::byte> unpack_few_bits(const NamedTensor<std::byte>& tensor,
                                                    std::span<const std::byte> packed, const std::string& file) {
  const std::string subject = tensor_subject(file, tensor.name);
  const auto bits = static_cast<unsigned>(tensor.bits);
  const std::size_t per_byte = 8 / bits;
  const unsigned sign = 1U << (bits - 1);
  const auto code = [&](std::size_t i) {
    return std::to_integer<unsigned>(packed[i / per_byte]) >> (bits * (i % per_byte)) & (2 * sign - 1);
  };
  std::vector<std::byte> numbers(tensor.bytes.size());
  for (std::size_t i = 0; i < numbers.size(); ++i) numbers[i] = static_cast<std::byte>((code(i) ^ sign) - sign);
  for (std::size_t i = numbers.size(); i < per_byte * packed.size(); ++i) {
    if (code(i) != 0)
      raise(Error{ErrorCode::file_damaged, subject, "zeros behind the last weight", std::to_string(code(i))});
  }
  require_few_bits(NamedTensor<std::byte>{tensor.name, tensor.dtype, tensor.shape, numbers, tensor.bits},
                   ErrorCode::file_damaged, subject);
  return numbers;
}

}  // namespace attar::detail
