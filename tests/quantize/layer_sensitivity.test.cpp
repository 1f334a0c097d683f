// SPDX-License-Identifier: MIT
#include <cmath>
#include <string>

#include <gtest/gtest.h>

#include "../support/mix_case.hpp"
#include <attar/quantize/layer_sensitivity.hpp>

namespace attar::test::layer_sensitivity_test {
namespace {

using enum LayerPrecision;

TEST(LayerSensitivity, FindsTheLayerThatInt8Spoils) {
  MixCase test;
  test.spoil("3.weight");
  const Int8Sensitivity found = layer_sensitivity<EigenBackend>(test.int8, test.network, test.data, test.data);
  ASSERT_EQ(found.layers.size(), 4U);
  EXPECT_EQ(found.accuracy, 100);
  EXPECT_EQ(found.layers[1].path, "3");
  for (const Int8LayerCost& layer : found.layers) {
    if (layer.path == "3") continue;
    EXPECT_GT(layer.sqnr_db, 25) << layer.path;
    EXPECT_GT(layer.sqnr_db, found.layers[1].sqnr_db + 10) << layer.path;
    EXPECT_GT(layer.logits_db, found.layers[1].logits_db + 5) << layer.path;
    EXPECT_GT(layer.accuracy, found.layers[1].accuracy) << layer.path;
  }
  // Without labels, all but the accuracy.
  const Int8Sensitivity plain = layer_sensitivity<EigenBackend>(test.int8, test.network, test.data);
  EXPECT_EQ(plain.layers[1].sqnr_db, found.layers[1].sqnr_db);
  EXPECT_TRUE(std::isnan(plain.layers[1].accuracy));
}

}  // namespace
}  // namespace attar::test::layer_sensitivity_test
