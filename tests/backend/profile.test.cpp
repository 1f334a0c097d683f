// SPDX-License-Identifier: MIT
#include <chrono>
#include <cmath>
#include <cstddef>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <attar/backend/eigen.hpp>
#include <attar/backend/embedded.hpp>
#include <attar/backend/inference_session.hpp>
#include <attar/backend/profile.hpp>
#include <attar/backend/reference.hpp>
#include <attar/infer/engine.hpp>
#include <attar/model/network.hpp>

namespace attar::profile_test {
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

template <class Backend>
void expect_profile_of_steps() {
  const Network<Net> network{Seed{1}};
  const Engine<Network<Net>, Backend> engine{network};
  const std::vector<StepDescription> expected = engine.steps();
  const std::vector<StepDescription> steps = profile(engine, {.repetitions = 20});
  ASSERT_EQ(steps.size(), expected.size());
  for (std::size_t i = 0; i < steps.size(); ++i) {
    EXPECT_EQ(steps[i].path, expected[i].path);
    EXPECT_EQ(steps[i].kernel, expected[i].kernel);
    EXPECT_GE(steps[i].microseconds, 0);
    EXPECT_TRUE(std::isfinite(steps[i].peak_share));
    const bool product = steps[i].op.kind == OpKind::conv2d;
    EXPECT_TRUE(!product || steps[i].microseconds > 0) << steps[i].path;
    EXPECT_TRUE(!product || steps[i].peak_share > 0) << steps[i].path;
    EXPECT_TRUE(steps[i].op.kind != OpKind::global_avg_pool || steps[i].peak_share == 0);
  }
}

TEST(Profile, TimesTheStepsOfAnEngine) {
  expect_profile_of_steps<Embedded>();
  expect_profile_of_steps<EigenBackend>();
}

}  // namespace
}  // namespace attar::profile_test
