// SPDX-License-Identifier: MIT
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <gtest/gtest.h>

#include <attar/core/error.hpp>
#include <attar/loss/decoupled_targets.hpp>
#include <attar/loss/hard_labels.hpp>
#include <attar/loss/logit_error.hpp>
#include <attar/loss/objective.hpp>
#include <attar/loss/relations.hpp>
#include <attar/loss/soft_targets.hpp>

namespace attar::objective_test {
namespace {

using namespace attar;

static_assert(LossTerm<HardLabels<>>);
static_assert(LossTerm<SoftTargets<>>);
static_assert(LossTerm<HardLabels<Weight<0>>>);
static_assert(LossTerm<DecoupledTargets<>>);
static_assert(LossTerm<Relations<>>);
static_assert(LossTerm<LogitError<>>);
static_assert(!LossTerm<int>);

/// Two images, three classes.
class ObjectiveInputs : public ::testing::Test {
 protected:
  template <class Term>
  ErrorCode code_of(Term term) {
    try {
      term.add(inputs_, std::span{gradient_});
    } catch (const Error& error) {
      return error.code();
    }
    ADD_FAILURE() << "no error";
    return {};
  }

  std::vector<float> logits_{1, 2, 3, 4, 5, 6};
  std::vector<std::int32_t> labels_{0, 2};
  std::vector<float> gradient_ = std::vector<float>(6);
  LogitsView<float> view_{logits_.data(), 2, 3};
  std::array<LogitsView<float>, 2> teachers_{view_, view_};
  LossInputs<float> inputs_{view_, labels_, std::span{teachers_}.first(1)};
};

TEST_F(ObjectiveInputs, RowsAreImages) {
  EXPECT_EQ(view_.size(), 6U);
  EXPECT_EQ(view_.row(1)[0], 4.0F);
  EXPECT_EQ(view_.row(1).size(), 3U);
}

TEST_F(ObjectiveInputs, AnImageCountsOneUnlessSaid) {
  EXPECT_EQ(inputs_.image_weight(1), 1.0);
  const std::vector<double> weights{0.25, 0.75};
  inputs_.image_weights = weights;
  EXPECT_EQ(inputs_.image_weight(0), 0.25);
  EXPECT_EQ(inputs_.image_weight(1), 0.75);
}

TEST_F(ObjectiveInputs, TermsAddUp) {
  const double hard = HardLabels<>{}.add(inputs_, std::span{gradient_});
  const std::vector<float> once = gradient_;
  EXPECT_EQ(HardLabels<>{}.add(inputs_, std::span{gradient_}), hard);
  for (std::size_t i = 0; i < once.size(); ++i) EXPECT_EQ(gradient_[i], 2 * once[i]);
}

TEST_F(ObjectiveInputs, ABadLabelIsRefused) {
  labels_[1] = 3;
  EXPECT_EQ(code_of(HardLabels<>{}), ErrorCode::invalid_data);
  EXPECT_EQ(code_of(DecoupledTargets<>{}), ErrorCode::invalid_data);
  labels_[1] = -1;
  EXPECT_EQ(code_of(HardLabels<>{}), ErrorCode::invalid_data);
  EXPECT_EQ(code_of(DecoupledTargets<>{}), ErrorCode::invalid_data);
}

TEST_F(ObjectiveInputs, AMissingLabelIsRefused) {
  inputs_.labels = std::span{labels_}.first(1);
  EXPECT_EQ(code_of(HardLabels<>{}), ErrorCode::invalid_argument);
  EXPECT_EQ(code_of(DecoupledTargets<>{}), ErrorCode::invalid_argument);
}

TEST_F(ObjectiveInputs, AGradientOfAnotherSizeIsRefused) {
  gradient_.pop_back();
  EXPECT_EQ(code_of(HardLabels<>{}), ErrorCode::invalid_argument);
  EXPECT_EQ(code_of(SoftTargets<>{}), ErrorCode::invalid_argument);
  EXPECT_EQ(code_of(DecoupledTargets<>{}), ErrorCode::invalid_argument);
  EXPECT_EQ(code_of(Relations<>{}), ErrorCode::invalid_argument);
  EXPECT_EQ(code_of(LogitError<>{}), ErrorCode::invalid_argument);
}

TEST_F(ObjectiveInputs, AnEmptyBatchIsRefused) {
  inputs_.student.batch = 0;
  gradient_.clear();
  EXPECT_EQ(code_of(HardLabels<>{}), ErrorCode::invalid_argument);
}

TEST_F(ObjectiveInputs, OneTeacherIsNeeded) {
  inputs_.teachers = {};
  EXPECT_EQ(code_of(SoftTargets<>{}), ErrorCode::invalid_argument);
  EXPECT_EQ(code_of(DecoupledTargets<>{}), ErrorCode::invalid_argument);
  EXPECT_EQ(code_of(Relations<>{}), ErrorCode::invalid_argument);
  EXPECT_EQ(code_of(LogitError<>{}), ErrorCode::invalid_argument);
  inputs_.teachers = teachers_;
  EXPECT_EQ(code_of(SoftTargets<>{}), ErrorCode::invalid_argument);
  EXPECT_EQ(code_of(DecoupledTargets<>{}), ErrorCode::invalid_argument);
  EXPECT_EQ(code_of(Relations<>{}), ErrorCode::invalid_argument);
  EXPECT_EQ(code_of(LogitError<>{}), ErrorCode::invalid_argument);
}

TEST_F(ObjectiveInputs, ATeacherOfAnotherShapeIsRefused) {
  teachers_[0].classes = 2;
  EXPECT_EQ(code_of(SoftTargets<>{}), ErrorCode::invalid_argument);
  EXPECT_EQ(code_of(DecoupledTargets<>{}), ErrorCode::invalid_argument);
  EXPECT_EQ(code_of(Relations<>{}), ErrorCode::invalid_argument);
  EXPECT_EQ(code_of(LogitError<>{}), ErrorCode::invalid_argument);
  teachers_[0] = {logits_.data(), 1, 3};
  EXPECT_EQ(code_of(SoftTargets<>{}), ErrorCode::invalid_argument);
  EXPECT_EQ(code_of(DecoupledTargets<>{}), ErrorCode::invalid_argument);
  EXPECT_EQ(code_of(Relations<>{}), ErrorCode::invalid_argument);
  EXPECT_EQ(code_of(LogitError<>{}), ErrorCode::invalid_argument);
}

}  // namespace
}  // namespace attar::objective_test
