// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include <attar/detail/constant_checksum.hpp>  // IWYU pragma: export
#include <attar/detail/constant_words.hpp>
#include <attar/model/network.hpp>
#include <attar/model/program.hpp>

namespace attar {

/// A network of floats that is compiled into the program: a view of the constant array in a header that
/// `write_constants` wrote. `Engine` takes it as it takes the `Network`.
template <Architecture A>
class NetworkConstants {
 public:
  using ArchitectureType = A;
  using Scalar = float;
  static constexpr const Program& program = A::program;
  /// For reports: what the numbers are.
  static constexpr std::string_view precision = "fp32";

  /// An array of static storage that holds the network's buffer, two floats to a word, the first in the lower half.
  /// One of another architecture has another length, and does not fit.
  constexpr explicit NetworkConstants(
      const std::uint64_t (&words)[detail::constant_words(sizeof(float) * A::program.buffer_size)]) noexcept
      : words_{words} {}

  /// The network itself. Throws `Error` with `out_of_memory`.
  [[nodiscard]] Network<A> network() const {
    Network<A> network;
    const auto buffer = network.buffer();
    if (!buffer.empty()) std::memcpy(buffer.data(), words_, buffer.size_bytes());
    return network;
  }

 private:
  const std::uint64_t* words_;
};

}  // namespace attar
