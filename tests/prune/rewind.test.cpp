// SPDX-License-Identifier: MIT
#include <cstddef>

#include <gtest/gtest.h>

#include <attar/prune/rewind.hpp>

namespace attar::rewind_test {
namespace {

using Net = Sequential<Input<3, 1, 1>, Conv2d<4>, BatchNorm2d, Flatten, Linear<2>>;

TEST(Rewind, GivesEarlyNumbersUnderTheMask) {
  const Network<Net> early{Seed{1}};
  MaskedNetwork<Net> late{Network<Net>{Seed{2}}, {}};
  const std::size_t offset = Net::program.parameter(0).offset;
  for (std::size_t i = 0; i < 12; i += 3) late.mask.drop(offset + i);
  const MaskedNetwork<Net> ticket = rewind(late, early);
  for (std::size_t i = 0; i < Net::program.buffer_size; ++i) {
    const bool held = i >= offset && i < offset + 12 && (i - offset) % 3 == 0;
    EXPECT_EQ(ticket.network.buffer()[i], held ? 0.0F : early.buffer()[i]) << i;
    EXPECT_TRUE(i >= Net::program.trainable_size || ticket.mask.keeps(i) != held) << i;
  }
}

}  // namespace
}  // namespace attar::rewind_test
