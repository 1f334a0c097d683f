// SPDX-License-Identifier: MIT
#include <string>

#include <gtest/gtest.h>

#include <attar/report/sensitivity.hpp>

namespace attar::sensitivity_test {
namespace {

const Sensitivity analysis{
    .removed = "channels",
    .accuracy = 90,
    .layers = {{.path = "0", .points = {{0.25, 89.5}, {0.5, 80}}}, {.path = "3.main.0<&>", .points = {{0.5, 90.25}}}}};

TEST(SensitivityReport, IsATableOfLosses) {
  EXPECT_EQ(to_text(analysis),
            "layer         25%    50%\n"
            "------------------------\n"
            "0            0.50  10.00\n"
            "3.main.0<&>        -0.25\n"
            "Points of accuracy lost when that share of the layer's channels is removed; all there: 90.00%.\n");
}

TEST(SensitivityReport, IsAPlotWithALinePerLayer) {
  const std::string svg = to_svg(analysis);
  EXPECT_TRUE(svg.starts_with("<svg xmlns=\"http://www.w3.org/2000/svg\""));
  EXPECT_TRUE(svg.ends_with("</svg>\n"));
  // From nothing removed (x 60, y at 90 % of 320 above 340) to the points.
  EXPECT_NE(svg.find("<polyline points=\"60.0,52.0 180.0,53.6 300.0,84.0\""), std::string::npos);
  EXPECT_NE(svg.find("<polyline points=\"60.0,52.0 300.0,51.2\""), std::string::npos);
  EXPECT_NE(svg.find(">3.main.0&lt;&amp;&gt;</text>"), std::string::npos);
  EXPECT_NE(svg.find("channels removed, %"), std::string::npos);
}

}  // namespace
}  // namespace attar::sensitivity_test
