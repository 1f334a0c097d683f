// SPDX-License-Identifier: MIT
#include <cstddef>
#include <set>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "../support/allocations.hpp"
#include "../support/random_int8.hpp"
#include "../support/small_networks.hpp"
#include <attar/backend/default_backend.hpp>
#include <attar/backend/eigen.hpp>
#include <attar/backend/inference_session.hpp>
#include <attar/backend/mixed_session.hpp>

namespace attar::test::inference_session_test {
namespace {

using A = ResNetLike;

std::vector<float> run(const InferenceSession<DefaultBackend>& session, const std::vector<float>& images,
                       InferenceSession<DefaultBackend>::Context& context) {
  std::vector<float> logits(session.output_size());
  session.run(images.data(), logits.data(), context);
  return logits;
}

TEST(InferenceSession, ComputesABatchAsItsImagesOneByOne) {
  const Network<A> network = lived_in<A>(Seed{1});
  const InferenceSession<DefaultBackend> one{A::program, network.buffer(), 1};
  const InferenceSession<DefaultBackend> four{A::program, network.buffer(), 4};
  auto context_of_one = one.make_context();
  auto context_of_four = four.make_context();
  const std::vector<float> images = noise(4 * one.input_size(), Seed{2});
  const std::vector<float> logits = run(four, images, context_of_four);
  for (std::size_t i = 0; i < 4; ++i) {
    const auto begin = images.begin() + static_cast<std::ptrdiff_t>(i * one.input_size());
    const std::vector<float> alone =
        run(one, {begin, begin + static_cast<std::ptrdiff_t>(one.input_size())}, context_of_one);
    for (std::size_t c = 0; c < alone.size(); ++c) EXPECT_NEAR(alone[c], logits[i * alone.size() + c], 1e-4);
  }
}

TEST(InferenceSession, GivesTheSameBitsAgainAndAgain) {
  const Network<A> network = lived_in<A>(Seed{1});
  const InferenceSession<DefaultBackend> session{A::program, network.buffer(), 2};
  auto context = session.make_context();
  const std::vector<float> images = noise(session.input_size(), Seed{2});
  const std::vector<float> others = noise(session.input_size(), Seed{3});
  const std::vector<float> first = run(session, images, context);
  run(session, others, context);
  EXPECT_EQ(run(session, images, context), first);
}

TEST(InferenceSession, IsSharedByThreadsWithAContextEach) {
  const Network<A> network = lived_in<A>(Seed{1});
  const InferenceSession<DefaultBackend> session{A::program, network.buffer(), 1, Threads{1}};
  constexpr std::size_t count = 50;
  std::vector<std::vector<float>> images;
  for (std::size_t i = 0; i < count; ++i) images.push_back(noise(session.input_size(), Seed{i}));
  auto context = session.make_context();
  std::vector<std::vector<float>> serial;
  for (const auto& image : images) serial.push_back(run(session, image, context));

  std::vector<std::vector<std::vector<float>>> parallel(2);
  std::vector<std::thread> threads;
  for (auto& results : parallel) {
    threads.emplace_back([&] {
      auto own = session.make_context();
      for (const auto& image : images) results.push_back(run(session, image, own));
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(parallel[0], serial);
  EXPECT_EQ(parallel[1], serial);
}

TEST(InferenceSession, ShowsEveryValueOfTheFusedProgram) {
  const Network<A> network = lived_in<A>(Seed{1});
  const InferenceSession<DefaultBackend> session{A::program, network.buffer(), 2};
  auto context = session.make_context();
  const std::vector<float> images = noise(session.input_size(), Seed{2});
  std::vector<float> logits(session.output_size());
  std::set<int> seen;
  std::vector<float> last;
  session.run(images.data(), logits.data(), context, [&](int value, std::span<const float> numbers) {
    EXPECT_EQ(numbers.size(), 2 * A::program.shape(value).size());
    if (value == 0) {
      EXPECT_EQ(std::vector<float>(numbers.begin(), numbers.end()), images);
    }
    seen.insert(value);
    last.assign(numbers.begin(), numbers.end());
  });
  std::set<int> expected{0};
  for (const Op& op : fuse(A::program, FuseFor::inference).ops) expected.insert(op.output);
  EXPECT_EQ(seen, expected);
  EXPECT_EQ(last, logits);
}

TEST(InferenceSession, ShowsTappedValuesThoughFusionWouldHideThem) {
  const Network<A> network = lived_in<A>(Seed{1});
  std::vector<int> taps;
  for (const Op& op : A::program.ops) taps.push_back(op.output);
  const InferenceSession<DefaultBackend> plain{A::program, network.buffer(), 2};
  const InferenceSession<DefaultBackend> tapped{A::program, network.buffer(), 2, Threads{1}, taps};
  const std::vector<float> images = noise(plain.input_size(), Seed{2});
  std::vector<float> expected(plain.output_size());
  std::vector<float> logits(plain.output_size());
  auto plain_context = plain.make_context();
  plain.run(images.data(), expected.data(), plain_context);
  std::set<int> seen;
  auto context = tapped.make_context();
  tapped.run(images.data(), logits.data(), context, [&](int value, std::span<const float>) { seen.insert(value); });
  ASSERT_EQ(tapped.taps().size(), taps.size());
  for (const int tap : tapped.taps()) EXPECT_TRUE(seen.contains(tap)) << tap;
  for (std::size_t i = 0; i < logits.size(); ++i) EXPECT_NEAR(logits[i], expected[i], 1e-4F);
}

TEST(InferenceSession, LetsErrorsOfTheObserverThrough) {
  const Network<A> network = lived_in<A>(Seed{1});
  const InferenceSession<DefaultBackend> session{A::program, network.buffer()};
  auto context = session.make_context();
  const std::vector<float> images = noise(session.input_size(), Seed{2});
  std::vector<float> logits(session.output_size());
  const auto complain = [](int, std::span<const float>) { throw Error{ErrorCode::not_finite, "", "", ""}; };
  EXPECT_THROW(session.run(images.data(), logits.data(), context, complain), Error);
}

TEST(InferenceSession, AllocatesNothingWhileItRuns) {
  const Network<A> network = lived_in<A>(Seed{1});
  const InferenceSession<EigenBackend> session{A::program, network.buffer(), 1, Threads{1}};
  auto context = session.make_context();
  const std::vector<float> images = noise(session.input_size(), Seed{2});
  std::vector<float> logits(session.output_size());
  session.run(images.data(), logits.data(), context);
  const std::size_t before = allocations();
  for (int i = 0; i < 1000; ++i) session.run(images.data(), logits.data(), context);
  EXPECT_EQ(allocations() - before, 0U);
}

// Here, for only one file of a program can count allocations.
TEST(MixedSession, AllocatesNothingWhileItRuns) {
  RandomInt8 random{Seed{8}};
  std::vector<LayerPrecision> precisions(random.model().program.rows.size(), LayerPrecision::int8);
  for (std::size_t i = 0; i < precisions.size(); i += 2) precisions[i] = LayerPrecision::fp32;
  const MixedModel model{random.model(), random.random().parameters(), precisions};
  const MixedSession<EigenBackend> session{model, 1, Threads{1}};
  EXPECT_GT(session.conversions(), 0);
  auto context = session.make_context();
  const std::vector<float> images = random.random().images(1);
  std::vector<float> logits(session.output_size());
  const std::size_t before = allocations();
  for (int i = 0; i < 100; ++i) session.run(images.data(), logits.data(), context);
  EXPECT_EQ(allocations() - before, 0U);
}

// What oneDNN allocates in a call of its own it must give back in the same call.
TEST(InferenceSession, KeepsNothingOfARun) {
  const Network<A> network = lived_in<A>(Seed{1});
  const InferenceSession<DefaultBackend> session{A::program, network.buffer(), 1, Threads{1}};
  auto context = session.make_context();
  const std::vector<float> images = noise(session.input_size(), Seed{2});
  std::vector<float> logits(session.output_size());
  session.run(images.data(), logits.data(), context);
  const std::size_t held = allocations() - releases();
  for (int i = 0; i < 1000; ++i) session.run(images.data(), logits.data(), context);
  EXPECT_EQ(allocations() - releases(), held);
}

ErrorCode code_of(auto&& body) {
  try {
    body();
  } catch (const Error& error) {
    return error.code();
  }
  return ErrorCode::interrupted;  // Nothing was thrown.
}

TEST(InferenceSession, RefusesWhatCannotBe) {
  const Network<A> network;
  using Session = InferenceSession<DefaultBackend>;
  EXPECT_EQ(code_of([&] { Session{A::program, network.buffer(), 0}; }), ErrorCode::invalid_argument);
  EXPECT_EQ(code_of([&] { Session(A::program, network.buffer(), 1, Threads{0}); }), ErrorCode::invalid_argument);
  EXPECT_EQ(code_of([&] { Session{A::program, network.buffer().first(7), 1}; }), ErrorCode::architecture_mismatch);
}

}  // namespace
}  // namespace attar::test::inference_session_test
