// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

#include <attar/core/dtype.hpp>
#include <attar/model/network.hpp>

namespace attar {

/// A tensor of a model as files know it: its name, type, shape and where its numbers are. `Byte` is `std::byte` to
/// fill it and `const std::byte` to read it. What can list its tensors can be saved and loaded. Files hold s8 tensors
/// of few bits packed (io/few_bits.hpp); in memory they have a byte for each number, as the kernels take them.
template <class Byte>
struct NamedTensor {
  std::string name;
  DType dtype{};
  std::vector<std::int64_t> shape;
  std::span<Byte> bytes;
  int bits = 0;  ///< 4 or 2: of an s8 tensor whose numbers have so few bits. 0: those of the type.
};

namespace detail {

/// Bytes of so many numbers of `bits` bits, packed.
[[nodiscard]] constexpr std::size_t packed_size(std::size_t count, int bits) noexcept {
  const std::size_t per_byte = 8 / static_cast<std::size_t>(bits);
  return (count + per_byte - 1) / per_byte;
}

/// Bytes of a tensor in a file.
template <class Byte>
[[nodiscard]] std::size_t stored_bytes(const NamedTensor<Byte>& tensor) noexcept {
  return tensor.bits == 0 ? tensor.bytes.size() : packed_size(tensor.bytes.size(), tensor.bits);
}

/// "[16, 1, 3, 3]".
[[nodiscard, gnu::cold]] inline std::string shape_text(const std::vector<std::int64_t>& shape) {
  std::string text = "[";
  for (const std::int64_t dim : shape) text += (text.size() > 1 ? ", " : "") + std::to_string(dim);
  return text + "]";
}

template <class Byte, class Model>
std::vector<NamedTensor<Byte>> list_parameters(Model& network) {
  std::vector<NamedTensor<Byte>> list;
  for (std::size_t i = 0; i < network.program.parameters.size(); ++i) {
    const Parameter& parameter = network.program.parameters[i];
    const auto numbers = network.tensor(static_cast<int>(i));
    std::span<Byte> bytes;
    if constexpr (std::is_const_v<Byte>) {
      bytes = std::as_bytes(numbers);
    } else {
      bytes = std::as_writable_bytes(numbers);
    }
    list.push_back({std::string{parameter.name.view()},
                    dtype_of<typename Model::Scalar>,
                    {parameter.dims.begin(), parameter.dims.begin() + parameter.rank},
                    bytes});
  }
  return list;
}

}  // namespace detail

/// The tensors of a network, named as PyTorch's `state_dict` names them.
template <class A, class Scalar>
[[nodiscard, gnu::cold]] std::vector<NamedTensor<const std::byte>> named_tensors(const Network<A, Scalar>& network) {
  return detail::list_parameters<const std::byte>(network);
}
template <class A, class Scalar>
[[nodiscard, gnu::cold]] std::vector<NamedTensor<std::byte>> named_tensors(Network<A, Scalar>& network) {
  return detail::list_parameters<std::byte>(network);
}

}  // namespace attar
