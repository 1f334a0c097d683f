// attar[E115]
// SPDX-License-Identifier: MIT
#include <attar/model/spelling.hpp>

using namespace attar;

struct Twice {
  static constexpr std::string_view name = "Twice";
  static constexpr int emit(ProgramBuilder& builder, int input) {
    builder.begin_layer(name, input);
    return builder.append({.kind = OpKind::add}, {input, input}, builder.shape(input));
  }
};

#if ATTAR_ACCEPT
using Layer = ReLU;
#else
using Layer = Twice;
#endif

std::string text() {
  return spell_architecture<Sequential<Input<3, 8, 8>, Layer>>().name;
}
