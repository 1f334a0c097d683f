// SPDX-License-Identifier: MIT
#include <array>
#include <cstdint>
#include <vector>

#include <gtest/gtest.h>

#include <attar/distill/objective.hpp>
#include <attar/loss/hard_labels.hpp>
#include <attar/loss/soft_targets.hpp>

namespace attar {
namespace {

using Hard = HardLabels<Weight<1, 10>>;
using Soft = SoftTargets<Temperature<4>, Weight<9, 10>>;

const std::vector<double> student_logits{0.5, -1.0, 2.0, 1.0, 0.0, -0.5};
const std::vector<double> teacher_logits{1.5, -2.0, 0.3, 0.2, 0.9, -1.0};
const std::vector<std::int32_t> labels{2, 0};
const LogitsView<double> student{student_logits.data(), 2, 3};
const std::array teachers{LogitsView<double>{teacher_logits.data(), 2, 3}};

template <class Objective>
std::pair<double, std::vector<double>> result(const LossInputs<double>& inputs) {
  std::vector<double> gradient(6);
  const double loss = Objective{}.add(inputs, std::span{gradient});
  return {loss, gradient};
}

TEST(DistillObjective, IsTheSumOfItsTerms) {
  const LossInputs<double> inputs{student, labels, teachers};
  const auto [hard, hard_gradient] = result<Hard>(inputs);
  const auto [soft, soft_gradient] = result<Soft>(inputs);
  const auto [sum, gradient] = result<Distill<Soft, Hard>>(inputs);
  EXPECT_DOUBLE_EQ(sum, soft + hard);
  for (std::size_t i = 0; i < gradient.size(); ++i) EXPECT_DOUBLE_EQ(gradient[i], soft_gradient[i] + hard_gradient[i]);
}

TEST(DistillObjective, AsksForATeacherOnlyWhereAWeightSaysSo) {
  EXPECT_TRUE((Distill<Soft, Hard>::needs_teacher));
  EXPECT_FALSE((Distill<SoftTargets<Weight<0>>, Hard>::needs_teacher));
  EXPECT_FALSE((Distill<Hard>::needs_teacher));
  // Without a teacher at hand, the term of weight zero must not look for one.
  EXPECT_EQ((result<Distill<SoftTargets<Weight<0>>, Hard>>({student, labels, {}}).first),
            result<Hard>({student, labels, {}}).first);
}

TEST(DistillObjective, IsATermItself) {
  EXPECT_TRUE((LossTerm<Distill<Soft, Hard>>));
  const LossInputs<double> inputs{student, labels, teachers};
  EXPECT_DOUBLE_EQ((result<Distill<Distill<Soft>, Hard>>(inputs).first), (result<Distill<Soft, Hard>>(inputs).first));
}

}  // namespace
}  // namespace attar
