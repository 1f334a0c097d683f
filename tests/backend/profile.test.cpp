// SPDX-License-Identifier: MIT
#include <chrono>
#include <cmath>
#include <cstddef>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <attar/backend/inference_session.hpp>
#include <attar/backend/profile.hpp>
#include <attar/backend/reference.hpp>
#include <attar/model/network.hpp>

namespace attar {
namespace {

using Net = Sequential<Input<2, 16, 16>, Conv2d<8, Kernel<3>>, ReLU, Residual<Conv2d<8, Kernel<3>>>, SqueezeExcite<2>,
                       GlobalAvgPool, Dropout<Rate<1, 2>>, Linear<4>>;

TEST(Profile, SaysHowLongEachLayerTakes) {
  const Network<Net, double> network{Seed{1}};
  const InferenceSession<Reference<double>> session{Net::program, network.buffer()};
  const std::vector<double> times = profile_us(session, Net::program, {.repetitions = 20});
  ASSERT_EQ(times.size(), Net::program.rows.size());
  double all = 0;
  for (std::size_t i = 0; i < times.size(); ++i) {
    const std::string name{Net::program.rows[i].name};
    EXPECT_TRUE(std::isfinite(times[i]));
    const bool within_another = name == "ReLU" || name == "Add" || name == "Dropout";
    EXPECT_TRUE(!within_another || times[i] == 0) << name;
    EXPECT_TRUE(name != "Conv2d" || times[i] > 0) << name;
    all += times[i];
  }
  EXPECT_GT(all, 0);
}

TEST(Profile, TakesAFewRunsHoweverLittleTimeItHas) {
  const Network<Net, double> network{Seed{1}};
  const InferenceSession<Reference<double>> session{Net::program, network.buffer()};
  const std::vector<double> times =
      profile_us(session, Net::program, {.repetitions = 1000, .at_most = std::chrono::milliseconds{0}});
  EXPECT_GT(times[0], 0);
}

}  // namespace
}  // namespace attar
