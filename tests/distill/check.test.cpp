// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <attar/distill/distill.hpp>
#include <attar/loss/attention_transfer.hpp>
#include <attar/loss/fit_net.hpp>
#include <attar/loss/hard_labels.hpp>
#include <attar/loss/soft_targets.hpp>

namespace attar::check_test {
namespace {

template <int Width, class... Options>
using Net = Sequential<Input<1, 8, 8>, Conv2d<Width, Kernel<3>, Options...>, BatchNorm2d, ReLU, Tag<"seen">,
                       GlobalAvgPool, Linear<3>>;
using Student = Net<4>;
using Teacher = const Network<Net<6>>&;
using Small = const Network<Net<6, Stride<2>>>&;

/// What must be accepted; what must not stands in tests/compile_fail.
template <class Objective, class... Named>
constexpr bool accepted = detail::check_distillation<Objective, Student, Named...>();

TEST(CheckDistillation, AcceptsWhatFits) {
  EXPECT_TRUE((accepted<Distill<HardLabels<>>>));
  EXPECT_TRUE((accepted<Distill<HardLabels<>>, Teacher>)) << "a teacher that nobody asks";
  EXPECT_TRUE((accepted<Distill<SoftTargets<>, FitNet<Tap<"seen">>>, Teacher>));
  EXPECT_TRUE((accepted<Distill<Fuse<Equal>, SoftTargets<>>, Teacher, Small>));
  EXPECT_TRUE((accepted<Distill<AttentionTransfer<Tap<"2">, Tap<"seen">>>, Small>)) << "other sizes, which divide";
}

TEST(CheckDistillation, DoesNotLookForTapsOfWeightZero) {
  EXPECT_TRUE((accepted<Distill<FitNet<Tap<"nowhere">, Weight<0>>, SoftTargets<>>, Teacher>));
}

}  // namespace
}  // namespace attar::check_test
