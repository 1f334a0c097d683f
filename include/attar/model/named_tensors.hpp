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
/// fill it and `const std::byte` to read it. What can list its tensors can be saved and loaded.
template <class Byte>
struct NamedTensor {
  std::string name;
  DType dtype{};
  std::vector<std::int64_t> shape;
  std::span<Byte> bytes;
};

namespace detail {

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
[[nodiscard]] std::vector<NamedTensor<const std::byte>> named_tensors(const Network<A, Scalar>& network) {
  return detail::list_parameters<const std::byte>(network);
}
template <class A, class Scalar>
[[nodiscard]] std::vector<NamedTensor<std::byte>> named_tensors(Network<A, Scalar>& network) {
  return detail::list_parameters<std::byte>(network);
}

}  // namespace attar
