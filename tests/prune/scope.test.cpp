// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <attar/prune/scope.hpp>

namespace attar::scope_test {
namespace {

TEST(Scope, OptionsAreKnownByTheirTypes) {
  static_assert(detail::IsPruningScope<PerLayer>::value && detail::IsPruningScope<Global>::value);
  static_assert(!detail::IsPruningScope<LayerRatios>::value, "ratios are values, not options");
}

}  // namespace
}  // namespace attar::scope_test
