// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <attar/core/aligned_buffer.hpp>
#include <attar/core/error.hpp>
#include <attar/core/shape.hpp>
#include <attar/model/fold_batch_norm.hpp>
#include <attar/model/named_tensors.hpp>
#include <attar/model/network.hpp>
#include <attar/model/widths.hpp>

namespace attar {

/// `A` with widths that are known at run time only, plus its numbers: what a search for widths leaves. It can be run,
/// measured, trained and saved as a `Network` can; its file is that of a `Network` of the architecture that
/// `write_architecture` writes. A value; the tables of its program are constant and shared by the copies.
template <Architecture A, class ScalarType = float>
class NarrowedNetwork {
  static_assert(A::program.simulation == nullptr,
                "attar[E141]: a quantization-aware network keeps its layers: search for widths before "
                "quantization_aware(network, images)");

 public:
  /// The architecture whose widths were changed; input and output are the same.
  using ArchitectureType = A;
  using Scalar = ScalarType;
  /// For reports: what the numbers are.
  static constexpr std::string_view precision = Network<A, Scalar>::precision;

  /// All parameters zero. Throws what `program_with` throws.
  explicit NarrowedNetwork(Widths widths)
      : widths_{std::move(widths)},
        tables_{std::make_shared<const OwnedProgram>(program_with<A>(widths_))},
        program{tables_->view()},
        buffer_{program.buffer_size} {
    if (program.input_shape() != A::input_shape || program.output_shape() != A::output_shape) {
      raise(Error{ErrorCode::invalid_argument, "widths", "an output of " + to_string(A::output_shape),
                  to_string(program.output_shape())});
    }
  }

  [[nodiscard]] const Widths& widths() const noexcept { return widths_; }

  /// The whole buffer, statistics included.
  [[nodiscard]] std::span<Scalar> buffer() noexcept { return buffer_.span(); }
  [[nodiscard]] std::span<const Scalar> buffer() const noexcept { return buffer_.span(); }
  /// The part that an optimizer changes.
  [[nodiscard]] std::span<Scalar> trainable() noexcept { return buffer().first(program.trainable_size); }
  [[nodiscard]] std::span<const Scalar> trainable() const noexcept { return buffer().first(program.trainable_size); }

  /// The tensor number `index` of the parameter table.
  [[nodiscard]] std::span<Scalar> tensor(int index) noexcept {
    return buffer().subspan(program.parameter(index).offset, program.parameter(index).size);
  }
  [[nodiscard]] std::span<const Scalar> tensor(int index) const noexcept {
    return buffer().subspan(program.parameter(index).offset, program.parameter(index).size);
  }

 private:
  Widths widths_;
  std::shared_ptr<const OwnedProgram> tables_;

 public:
  /// Valid as long as this network or a copy of it.
  Program program;

 private:
  AlignedBuffer<Scalar> buffer_;
};

/// The tensors of a network, named as those of `A` are.
template <class A, class Scalar>
[[nodiscard, gnu::cold]] std::vector<NamedTensor<const std::byte>> named_tensors(
    const NarrowedNetwork<A, Scalar>& network) {
  return detail::list_parameters<const std::byte>(network);
}
template <class A, class Scalar>
[[nodiscard, gnu::cold]] std::vector<NamedTensor<std::byte>> named_tensors(NarrowedNetwork<A, Scalar>& network) {
  return detail::list_parameters<std::byte>(network);
}

/// The same function without the norms that follow a convolution or a linear layer.
template <Architecture A, class Scalar>
[[nodiscard]] NarrowedNetwork<fold_batch_norm_t<A>, Scalar> fold_batch_norm(const NarrowedNetwork<A, Scalar>& network) {
  NarrowedNetwork<fold_batch_norm_t<A>, Scalar> folded{network.widths()};
  detail::fold_norms<Scalar>({network.program, network.buffer()}, {folded.program, folded.buffer()});
  return folded;
}

}  // namespace attar
