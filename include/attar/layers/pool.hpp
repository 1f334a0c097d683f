// SPDX-License-Identifier: MIT
#pragma once

#include <attar/layers/program_builder.hpp>

namespace attar::detail {

/// What the poolings with a window have in common.
constexpr int emit_pool(ProgramBuilder& builder, OpKind kind, const Window& window, int input) {
  const Shape in = builder.shape(input);
  const Extent out = window.output(in);
  if (2 * window.padding.height > window.kernel.height || 2 * window.padding.width > window.kernel.width) {
    return builder.fail(Fault::padding_wider_than_window, input);
  }
  if (out.height <= 0 || out.width <= 0) return builder.fail(Fault::window_does_not_fit, input);
  return builder.append({.kind = kind, .window = window}, {input}, {in.channels, out.height, out.width});
}

}  // namespace attar::detail
