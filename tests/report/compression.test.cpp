// SPDX-License-Identifier: MIT
#include <algorithm>
#include <string>

#include <gtest/gtest.h>

#include <attar/report/compression.hpp>

namespace attar::compression_test {
namespace {

TEST(CompressionTable, CountsByTensor) {
  Network<Sequential<Input<64, 1, 1>, Linear<10>>> network;
  std::ranges::fill(network.tensor("0.weight").first(320), 0.5F);
  network.tensor("0.bias")[3] = 1;
  const std::string table = compression_table(network);
  EXPECT_NE(table.find("tensor    encoding"), std::string::npos) << table;
  EXPECT_NE(table.find(" 640       320  50.0%"), std::string::npos) << table;
  EXPECT_NE(table.find(" 650       321  49.4%"), std::string::npos) << table;
}

}  // namespace
}  // namespace attar::compression_test
