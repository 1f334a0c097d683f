// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <attar/layers/pool.hpp>

namespace attar::detail::pool_test {
namespace {

/// The fault that a pooling over 5 x 6 pixels has.
constexpr Fault fault_of(const Window& window) {
  ProgramBuilder builder{Shape{2, 5, 6}};
  builder.begin_layer("Pool", 0);
  emit_pool(builder, OpKind::max_pool, window, 0);
  return builder.diagnosis.fault;
}

TEST(EmitPool, ChecksBothDirections) {
  static_assert(fault_of({.kernel = {5, 6}}) == Fault::none);
  static_assert(fault_of({.kernel = {6, 6}}) == Fault::window_does_not_fit);
  static_assert(fault_of({.kernel = {5, 7}}) == Fault::window_does_not_fit);
  static_assert(fault_of({.kernel = {2, 3}, .padding = {1, 1}}) == Fault::none);
  static_assert(fault_of({.kernel = {1, 3}, .padding = {1, 1}}) == Fault::padding_wider_than_window);
  static_assert(fault_of({.kernel = {3, 1}, .padding = {1, 1}}) == Fault::padding_wider_than_window);
}

TEST(EmitPool, KeepsTheChannels) {
  constexpr Shape out = [] {
    ProgramBuilder builder{Shape{2, 5, 6}};
    builder.begin_layer("Pool", 0);
    return builder.shape(emit_pool(builder, OpKind::avg_pool, {.kernel = {2, 3}, .stride = {1, 2}}, 0));
  }();
  static_assert(out == Shape{2, 4, 2});
}

}  // namespace
}  // namespace attar::detail::pool_test
