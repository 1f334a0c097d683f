// SPDX-License-Identifier: MIT
#include <type_traits>

#include <gtest/gtest.h>

#include <attar/distill/objective.hpp>
#include <attar/loss/attention_transfer.hpp>
#include <attar/loss/hard_labels.hpp>
#include <attar/loss/soft_targets.hpp>

namespace attar::objective_test {
namespace {

using Hard = HardLabels<Weight<1, 10>>;
using Soft = SoftTargets<Temperature<4>, Weight<9, 10>>;
using Seen = AttentionTransfer<Tap<"seen">>;
using Unseen = AttentionTransfer<Tap<"seen">, Weight<0>>;

TEST(DistillObjective, AsksForATeacherOnlyWhereAWeightSaysSo) {
  EXPECT_TRUE((Distill<Soft, Hard>::needs_teacher));
  EXPECT_TRUE((Distill<Seen, Hard>::needs_teacher));
  EXPECT_FALSE((Distill<SoftTargets<Weight<0>>, Unseen, Hard>::needs_teacher));
  EXPECT_TRUE((Distill<SoftTargets<Ramp<Weight<0>, Weight<1>>>>::needs_teacher));
  EXPECT_FALSE((Distill<Hard>::needs_teacher));
}

TEST(DistillObjective, AsksForMapsOnlyWhereAWeightSaysSo) {
  EXPECT_TRUE((Distill<Seen>::needs_maps));
  EXPECT_FALSE((Distill<Unseen, Soft>::needs_maps));
}

TEST(DistillObjective, KnowsItsFusion) {
  EXPECT_TRUE((std::is_void_v<Distill<Soft, Hard>::Fusion>));
  EXPECT_TRUE(
      (std::is_same_v<Distill<Soft, Fuse<Equal, FusionOf::logits>, Hard>::Fusion, Fuse<Equal, FusionOf::logits>>));
}

TEST(DistillObjective, GoesThroughItsTerms) {
  int outputs = 0;
  int features = 0;
  using Objective = Distill<Fuse<Equal>, Soft, Seen, Unseen, Hard>;
  Objective::for_each_output_term([&](auto) { ++outputs; });
  Objective::for_each_feature_term([&]<class Term>(std::type_identity<Term>) {
    ++features;
    EXPECT_TRUE((std::is_same_v<Term, Seen>));
  });
  EXPECT_EQ(outputs, 2);
  EXPECT_EQ(features, 1);
}

}  // namespace
}  // namespace attar::objective_test
