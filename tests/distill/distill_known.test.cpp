// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "../io/scratch.hpp"
#include "../support/onednn_bf16.hpp"
#include "../support/tiny_data.hpp"
#include <attar/backend/eigen.hpp>
#include <attar/backend/reference.hpp>
#include <attar/distill/distill_known.hpp>
#include <attar/distill/knowledge_file.hpp>
#include <attar/distill/remember.hpp>
#include <attar/loss/attention_transfer.hpp>
#include <attar/loss/hard_labels.hpp>
#include <attar/loss/soft_targets.hpp>
#include <attar/model/narrowed_network.hpp>
#include <attar/model/sparse.hpp>
#include <attar/optim/sgd.hpp>
#if ATTAR_WITH_ONEDNN
#include <attar/backend/onednn.hpp>
#endif

namespace attar::distill_known_test {
namespace {

template <int Width>
using Net = Sequential<Input<1, 8, 8>, Conv2d<Width, Kernel<3>>, BatchNorm2d, ReLU, MaxPool2d<2>, Flatten, Linear<4>>;
using Student = Net<4>;
using Maps = AttentionTransfer<Tap<"3">>;
using Single = Distill<SoftTargets<Temperature<4>, Weight<9, 10>>, Maps, HardLabels<Weight<1, 10>>>;
using Several = Distill<Fuse<Equal>, SoftTargets<Temperature<4>>, Maps>;
using SoftOnly = Distill<SoftTargets<>>;
constexpr Augmentation varied{.flip = true, .crop_padding = 2};

template <class Backend = DefaultBackend, class Precision = Fp32>
auto trainer(const Augmentation& augmentation = {}, Seed seed = Seed{1}, Epochs epochs = {2}) {
  return Trainer{Sgd{.rate = 0.05, .momentum = 0.9},
                 Cosine{},
                 epochs,
                 TrainOptions{.batch_size = 32, .seed = seed, .augmentation = augmentation, .progress = false},
                 Precision{},
                 Backend{}};
}

/// Two teachers that have learnt something, and what a student learns from them at work, and from their memory.
class DistillKnown : public testing::Test {
 protected:
  template <class Objective>
  std::vector<float> taught(const auto& source, const auto& trainer) {
    Network<Student> student{Seed{5}};
    distill(student, source, data, Objective{}, trainer);
    return {student.buffer().begin(), student.buffer().end()};
  }
  template <class Objective>
  void expect_same(const auto& teachers, const auto& trainer) {
    const std::vector<float> live = taught<Objective>(teachers, trainer);
    const Knowledge known = remember(teachers, data, trainer, Exactly{}, Taps<Tap<"2">, Tap<"3">>{});
    EXPECT_EQ(taught<Objective>(known, trainer), live);
    EXPECT_FALSE(std::ranges::equal(live, Network<Student>{Seed{5}}.buffer()));
  }
  void expect_same_on(const auto& make_trainer) {
    for (const Augmentation& augmentation : {Augmentation{}, varied}) {
      expect_same<Single>(teachers(first), make_trainer(augmentation));
      expect_same<Several>(teachers(first, second), make_trainer(augmentation));
    }
  }

  const Dataset data = test::corners(200);  // Its last images do not fill a batch.
  const Network<Net<16>> first{Seed{1}};
  const Network<Net<6>> second{Seed{2}};
};

TEST_F(DistillKnown, IsBitIdenticalToTeachersAtWorkWithReference) {
  expect_same_on([](const Augmentation& augmentation) { return trainer<Reference<float>>(augmentation); });
}

TEST_F(DistillKnown, IsBitIdenticalToTeachersAtWorkWithEigen) {
  expect_same_on([](const Augmentation& augmentation) { return trainer<EigenBackend>(augmentation); });
}

#if ATTAR_WITH_ONEDNN
TEST_F(DistillKnown, IsBitIdenticalToTeachersAtWorkWithOneDnn) {
  expect_same_on([](const Augmentation& augmentation) { return trainer<OneDnn>(augmentation); });
}

TEST_F(DistillKnown, IsBitIdenticalToTeachersAtWorkInBf16) {
  ATTAR_SKIP_WITHOUT_BF16();
  expect_same_on([](const Augmentation& augmentation) { return trainer<OneDnn, Bf16>(augmentation); });
}
#endif

TEST_F(DistillKnown, TakesWhatAFileKeptWhateverTheBatchSizeWas) {
  const test::Scratch scratch;
  const auto run = trainer(varied);
  const RememberOptions options{
      .augmentation = varied, .seed = Seed{1}, .epochs = 2, .batch_size = 64, .progress = false};
  save(remember(teachers(first), data, options, Exactly{}, Taps<Tap<"3">>{}), scratch / "known.safetensors");
  EXPECT_EQ(taught<Single>(load_knowledge(scratch / "known.safetensors"), run), taught<Single>(teachers(first), run));
}

TEST_F(DistillKnown, RoundedKnowledgeTeachesNearlyTheSame) {
  const auto run = trainer();
  const std::vector<float> live = taught<SoftOnly>(teachers(first), run);
  const auto expect_near = [&](const Knowledge& known, float tolerance) {
    const std::vector<float> found = taught<SoftOnly>(known, run);
    EXPECT_NE(found, live);
    for (std::size_t i = 0; i < live.size(); ++i) EXPECT_NEAR(found[i], live[i], tolerance);
  };
  expect_near(remember(teachers(first), data, run, InHalf{}), 1e-3F);
  expect_near(remember(teachers(first), data, run, TopK<2>{}), 5e-2F);
}

TEST_F(DistillKnown, TeachesANetworkOfRunTimeWidthsAsOneOfAType) {
  NarrowedNetwork<Student> student{widths_of<Student>()};
  const Network<Student> typed{Seed{5}};
  std::ranges::copy(typed.buffer(), student.buffer().begin());
  const Knowledge known = remember(teachers(first), data, trainer());
  distill(student, known, data, SoftOnly{}, trainer());
  EXPECT_TRUE(std::ranges::equal(student.buffer(), taught<SoftOnly>(known, trainer())));
}

TEST_F(DistillKnown, HoldsTheZerosOfASparseNetwork) {
  Sparse<Network<Student>> student{Network<Student>{Seed{5}}, {}};
  student.mask.drop(3);
  const Knowledge known = remember(teachers(first), data, trainer());
  distill(student, known, data, SoftOnly{}, trainer());
  EXPECT_EQ(student.network.buffer()[3], 0.0F);
  EXPECT_NE(student.network.buffer()[4], Network<Student>{Seed{5}}.buffer()[4]);
}

TEST_F(DistillKnown, ServesMoreEpochsThanTheTrainerRuns) {
  const Knowledge known = remember(teachers(first), data, trainer(varied, Seed{1}, {3}));
  EXPECT_EQ(taught<SoftOnly>(known, trainer(varied)), taught<SoftOnly>(teachers(first), trainer(varied)));
  const Trainer stopped = trainer(varied, Seed{1}, {.count = 9, .stop_after = 2});
  EXPECT_EQ(taught<SoftOnly>(known, stopped), taught<SoftOnly>(teachers(first), stopped));
}

TEST_F(DistillKnown, WithoutAugmentationServesAnySeedAndEpochs) {
  const Knowledge known = remember(teachers(first), data, trainer());
  const auto other = trainer({}, Seed{2}, {4});
  EXPECT_EQ(taught<SoftOnly>(known, other), taught<SoftOnly>(teachers(first), other));
}

TEST_F(DistillKnown, WithoutATermThatNeedsItKnowledgeIsNotLookedAt) {
  const Knowledge nothing{KnowledgeOrigin{}};
  Network<Student> alone{Seed{5}};
  trainer().fit(alone, data, HardLabels<>{});
  EXPECT_TRUE(
      std::ranges::equal(taught<Distill<SoftTargets<Weight<0>>, HardLabels<>>>(nothing, trainer()), alone.buffer()));
}

/// What is refused, before the student is touched.
class DistillKnownRefuses : public DistillKnown {
 protected:
  template <class Objective = SoftOnly>
  void expect_refused(const Knowledge& known, const auto& trainer, std::string_view telling) {
    Network<Student> student{Seed{5}};
    test::expect_error(ErrorCode::invalid_argument, telling,
                       [&] { distill(student, known, data, Objective{}, trainer); });
    EXPECT_TRUE(std::ranges::equal(student.buffer(), Network<Student>{Seed{5}}.buffer()));
  }
};

TEST_F(DistillKnownRefuses, OtherData) {
  const Knowledge of_others = remember(teachers(first), test::corners(200, Seed{8}), trainer());
  expect_refused(of_others, trainer(), "data set");
  const Knowledge of_fewer = remember(teachers(first), data.take(100), trainer());
  expect_refused(of_fewer, trainer(), "expected 200, found 100");
}

TEST_F(DistillKnownRefuses, OtherAugmentationSeedOrEpochs) {
  const Knowledge plain = remember(teachers(first), data, trainer());
  expect_refused(plain, trainer(varied), "augmentation");
  const Knowledge known = remember(teachers(first), data, trainer(varied));
  expect_refused(known, trainer(), "augmentation");
  expect_refused(known, trainer({.flip = true, .crop_padding = 3}), "crop padding 3");
  expect_refused(known, trainer(varied, Seed{2}), "seed");
  expect_refused(known, trainer(varied, Seed{1}, {3}), "at least 3, found 2");
}

TEST_F(DistillKnownRefuses, OtherClasses) {
  using More = Sequential<Input<1, 8, 8>, Flatten, Linear<5>>;
  const Network<More> teacher{Seed{1}};
  const Dataset with_more{data.shape(),
                          5,
                          AlignedBuffer<std::uint8_t>{data.images().size()},
                          {data.labels().begin(), data.labels().end()},
                          data.normalization()};
  expect_refused(remember(teachers(teacher), with_more, trainer()), trainer(), "classes: expected 4, found 5");
}

TEST_F(DistillKnownRefuses, MapsThatWereNotKeptOrDoNotFit) {
  expect_refused<Single>(remember(teachers(first), data, trainer(), Exactly{}, Taps<Tap<"2">>{}), trainer(),
                         "those of tap 3");
  using Uneven = Sequential<Input<1, 8, 8>, Conv2d<4, Kernel<4>>, ReLU, ReLU, ReLU, Flatten, Linear<4>>;
  const Network<Uneven> teacher{Seed{1}};
  expect_refused<Single>(remember(teachers(teacher), data, trainer(), Exactly{}, Taps<Tap<"3">>{}), trainer(), "4x7x7");
}

TEST_F(DistillKnownRefuses, AnotherNumberOfTeachersThanTheObjectiveFuses) {
  const Knowledge one = remember(teachers(first), data, trainer(), Exactly{}, Taps<Tap<"3">>{});
  const Knowledge two = remember(teachers(first, second), data, trainer(), Exactly{}, Taps<Tap<"3">>{});
  expect_refused<Several>(one, trainer(), "teachers");
  expect_refused<Single>(two, trainer(), "teachers");
  expect_refused<Distill<Fuse<Fixed<Weight<1>, Weight<1>, Weight<1>>>, SoftTargets<>>>(two, trainer(), "Fixed");
}

}  // namespace
}  // namespace attar::distill_known_test
