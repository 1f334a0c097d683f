// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

#include <attar/layers/program_builder.hpp>

namespace attar {

/// The channels of all branches, one after the other; every branch reads the same input, and `Stack<>` passes it
/// through (DenseNet, Huang et al. 2016). Heights and widths must agree. Parameters are named by the branch's index.
template <class... Branches>
struct Concat {
  static_assert(sizeof...(Branches) >= 1 && sizeof...(Branches) <= max_operands,
                "attar[E020]: a Concat has one to eight branches; nest another Concat for more");
  static constexpr std::string_view name = "Concat";

  static constexpr int emit(ProgramBuilder& builder, int input) {
    std::array<int, sizeof...(Branches)> branches{};
    std::size_t index = 0;
    ((branches[index] = builder.child<Branches>(static_cast<int>(index), input), ++index), ...);
    if (builder.faulty()) return input;
    builder.begin_layer(name, branches[0]);
    Shape out = builder.shape(branches[0]);
    Op op{.kind = OpKind::concat};
    op.operands[0] = branches[0];
    for (std::size_t i = 1; i < branches.size(); ++i) {
      const Shape& shape = builder.shape(branches[i]);
      if (shape.height != out.height || shape.width != out.width) {
        return builder.fail(Fault::concat_extents_differ, branches[0], branches[i]);
      }
      op.operands[i] = branches[i];
      out.channels += shape.channels;
    }
    op.operand_count = static_cast<int>(branches.size());
    return builder.append(op, {}, out);
  }
};

}  // namespace attar
