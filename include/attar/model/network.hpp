// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include <attar/core/aligned_buffer.hpp>
#include <attar/core/error.hpp>
#include <attar/core/rng.hpp>
#include <attar/model/program.hpp>
#include <attar/model/sequential.hpp>

namespace attar {

namespace detail {

/// How many outputs of a convolution one of its inputs reaches: kernel area times outputs per group.
inline double fan_out(const Program& program, int weight) {
  for (const Op& op : program.ops) {
    if (op.weight != weight) continue;
    return static_cast<double>(op.window.kernel.height * op.window.kernel.width) * program.parameter(weight).dims[0] /
           op.groups;
  }
  return 1;
}

}  // namespace detail

/// Fills a flat parameter buffer as the field does: convolutions from N(0, 2 / fan_out) (He et al. 2015), linear
/// layers uniformly in +-1/sqrt(fan_in) as PyTorch does, norms with scale 1, shift 0, mean 0, variance 1, biases 0.
/// Each tensor has a random stream of its own, so one layer more does not change the others.
template <class Scalar>
void initialize(const Program& program, std::span<Scalar> buffer, Seed seed) {
  for (std::size_t index = 0; index < program.parameters.size(); ++index) {
    const Parameter& parameter = program.parameters[index];
    const std::span<Scalar> tensor = buffer.subspan(parameter.offset, parameter.size);
    Rng rng{seed, index};
    switch (parameter.role) {
      case Role::weight: {
        const double fan_in = static_cast<double>(parameter.size) / parameter.dims[0];
        if (parameter.rank == 4) {
          const double deviation = std::sqrt(2.0 / detail::fan_out(program, static_cast<int>(index)));
          for (Scalar& value : tensor) value = static_cast<Scalar>(deviation * static_cast<double>(rng.normal()));
        } else {
          const double bound = 1.0 / std::sqrt(fan_in);
          for (Scalar& value : tensor) {
            value = static_cast<Scalar>(bound * (2.0 * static_cast<double>(rng.uniform()) - 1.0));
          }
        }
        break;
      }
      case Role::norm_scale:
      case Role::running_var:
      case Role::limit:
      case Role::fixed_limit:
        for (Scalar& value : tensor) value = Scalar{1};
        break;
      case Role::bias:
      case Role::norm_shift:
      case Role::running_mean:
        for (Scalar& value : tensor) value = Scalar{0};
        break;
    }
  }
}

/// An architecture plus its numbers: one flat, 64-byte aligned buffer, trainable parameters first, then the running
/// statistics of the norms. A value: copying it copies the numbers.
///
///     Network<Student> student{Seed{1}};
template <Architecture A, class ScalarType = float>
class Network {
 public:
  using ArchitectureType = A;
  using Scalar = ScalarType;
  static constexpr const Program& program = A::program;
  /// For reports: what the numbers are.
  static constexpr std::string_view precision = sizeof(Scalar) == 4 ? "fp32" : "fp64";

  /// All parameters zero: to be filled by a file or a pass.
  Network() : buffer_{A::program.buffer_size} {}
  /// Random initial parameters, the same for the same seed on every machine.
  explicit Network(Seed seed) : Network{} { initialize<Scalar>(A::program, buffer_.span(), seed); }

  /// The whole buffer, statistics included.
  [[nodiscard]] std::span<Scalar> buffer() noexcept { return buffer_.span(); }
  [[nodiscard]] std::span<const Scalar> buffer() const noexcept { return buffer_.span(); }
  /// The part that an optimizer changes.
  [[nodiscard]] std::span<Scalar> trainable() noexcept { return buffer().first(A::program.trainable_size); }
  [[nodiscard]] std::span<const Scalar> trainable() const noexcept { return buffer().first(A::program.trainable_size); }

  /// The tensor number `index` of the parameter table.
  [[nodiscard]] std::span<Scalar> tensor(int index) noexcept {
    const Parameter& parameter = A::program.parameter(index);
    return buffer().subspan(parameter.offset, parameter.size);
  }
  [[nodiscard]] std::span<const Scalar> tensor(int index) const noexcept {
    const Parameter& parameter = A::program.parameter(index);
    return buffer().subspan(parameter.offset, parameter.size);
  }
  /// The tensor with a PyTorch-like name such as "0.weight"; throws `invalid_argument` where there is none.
  [[nodiscard]] std::span<Scalar> tensor(std::string_view name) { return tensor(index_of(name)); }
  [[nodiscard]] std::span<const Scalar> tensor(std::string_view name) const { return tensor(index_of(name)); }

 private:
  [[nodiscard]] static int index_of(std::string_view name) {
    const int index = detail::find_parameter(A::program, name);
    if (index >= 0) return index;
    raise(Error{ErrorCode::invalid_argument, "tensor name", "one of the architecture's parameters", std::string{name}});
  }

  AlignedBuffer<Scalar> buffer_;
};

}  // namespace attar
