// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cstddef>

#include <gtest/gtest.h>

#include "../../support/small_networks.hpp"
#include <attar/backend/embedded/static_program.hpp>
#include <attar/model/fold_batch_norm.hpp>

namespace attar::test::static_program_test {
namespace {

using A = fold_batch_norm_t<ResNetLike>;
using P = detail::StaticProgram<A, unsigned char>;

TEST(StaticProgram, IsWhatIsFusedAtRunTime) {
  const FusedProgram fused = fuse(A::program, FuseFor::inference);
  ASSERT_EQ(P::count, fused.ops.size());
  EXPECT_EQ(P::tables.output, fused.output);
  for (std::size_t i = 0; i < P::count; ++i) {
    EXPECT_EQ(P::tables.ops[i].kind, fused.ops[i].kind);
    EXPECT_EQ(P::tables.ops[i].output, fused.ops[i].output);
    EXPECT_EQ(P::tables.ops[i].residual, fused.ops[i].residual);
    EXPECT_EQ(P::tables.ops[i].activation, fused.ops[i].activation);
  }
}

TEST(StaticProgram, PlacesEveryValueInTheArena) {
  for (const Op& op : P::ops()) {
    const std::size_t size = P::shape(op.output).size() * (op.output == P::tables.output ? sizeof(float) : 1);
    EXPECT_LE(P::offset(op.output) + size, P::tables.bytes);
    // A result may take the place of the residual that it adds, but not of what its windows read.
    EXPECT_NE(P::offset(op.output), P::offset(op.operands[0]));
  }
}

}  // namespace
}  // namespace attar::test::static_program_test
