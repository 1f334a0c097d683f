// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <attar/core/error.hpp>
#include <attar/detail/constant_checksum.hpp>  // IWYU pragma: export
#include <attar/detail/constant_words.hpp>
#include <attar/model/int8_scheme.hpp>
#include <attar/model/layer_precision.hpp>
#include <attar/model/mixed_network.hpp>
#include <attar/model/program.hpp>

namespace attar {

/// A network with a precision for each layer that is compiled into the program: a view of the constant arrays in a
/// header that `write_constants` wrote. `Engine` takes it as it takes the `MixedNetwork`.
template <Architecture A, class SchemeType = Int8<>>
class MixedConstants {
 public:
  using ArchitectureType = A;
  using Scheme = SchemeType;
  static constexpr const Program& program = A::program;
  /// For reports: what the network computes in.
  static constexpr std::string_view precision = "mixed";

  /// Arrays of static storage: a `LayerPrecision` per row of the layer table, and the bytes of all other tensors that a
  /// file of the network holds, one behind the other, the first in the lowest byte of a word. How many they are depends
  /// on the precisions.
  template <std::size_t Words>
  constexpr MixedConstants(const std::uint8_t (&precisions)[A::program.rows.size()],
                           const std::uint64_t (&tensors)[Words]) noexcept
      : precisions_{precisions}, tensors_{tensors, Words} {}

  /// The network itself. Throws `Error`: `invalid_data` where the tensors are not those of the precisions,
  /// `out_of_memory`.
  [[nodiscard]] MixedNetwork<A, Scheme> network() const {
    MixedNetwork<A, Scheme> network;
    network.arrange(checked_precisions());
    auto tensors = network.stored();
    std::erase_if(tensors, [](const auto& tensor) { return tensor.name == "precision"; });
    std::size_t bytes = 0;
    for (const auto& tensor : tensors) bytes += tensor.bytes.size();
    if (detail::constant_words(bytes) != tensors_.size()) {
      raise(Error{ErrorCode::invalid_data, "constants of a mixed network", std::to_string(bytes) + " bytes",
                  std::to_string(tensors_.size_bytes())});
    }
    const std::byte* from = std::as_bytes(tensors_).data();
    for (const auto& tensor : tensors) {
      if (!tensor.bytes.empty()) std::memcpy(tensor.bytes.data(), from, tensor.bytes.size());
      from += tensor.bytes.size();
    }
    network.widen();
    return network;
  }

 private:
  [[nodiscard]] std::vector<LayerPrecision> checked_precisions() const {
    std::vector<LayerPrecision> result;
    for (std::size_t row = 0; row < A::program.rows.size(); ++row) {
      if (precisions_[row] > static_cast<std::uint8_t>(LayerPrecision::fp32)) {
        raise(Error{ErrorCode::invalid_data, "precision of row " + std::to_string(row), "0, 1 or 2",
                    std::to_string(precisions_[row])});
      }
      result.push_back(static_cast<LayerPrecision>(precisions_[row]));
    }
    return result;
  }

  const std::uint8_t* precisions_;
  std::span<const std::uint64_t> tensors_;
};

}  // namespace attar
