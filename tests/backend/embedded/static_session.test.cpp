// SPDX-License-Identifier: MIT
#include <cstddef>
#include <cstring>
#include <span>
#include <vector>

#include <gtest/gtest.h>

#include "../../support/small_networks.hpp"
#include <attar/backend/embedded/static_session.hpp>
#include <attar/backend/embedded/static_step.hpp>
#include <attar/core/parallel.hpp>
#include <attar/model/fold_batch_norm.hpp>
#include <attar/model/fuse.hpp>

namespace attar::test::static_session_test {
namespace {

using Folded = fold_batch_norm_t<ResNetLike>;

struct Session : detail::StaticSession<Folded, detail::FloatSteps> {
  Session(std::span<const float> parameters, int batch, int threads)
      : StaticSession{{P::ops(), Folded::program, parameters}, batch, {threads}} {}

  static constexpr std::size_t values_bytes = P::tables.bytes;

  using StaticSession::execute;
  using StaticSession::execute_at;
};

TEST(StaticSession, NeedsValuesForEveryTeamAndAScratchpadForEveryThread) {
  const auto network = fold_batch_norm(lived_in<ResNetLike>(Seed{1}));
  const auto bytes = [&](int batch, int threads) { return Session{network.buffer(), batch, threads}.context_bytes(); };
  const std::size_t of_team = Session::values_bytes + sizeof(detail::TeamBarrier);
  const std::size_t of_thread = bytes(1, 1) - of_team;
  EXPECT_EQ(bytes(7, 1), of_team + of_thread);
  const std::size_t of_queue = sizeof(detail::ImageQueue);
  EXPECT_EQ(bytes(7, 3), of_queue + 3 * (of_team + of_thread));
  EXPECT_EQ(bytes(2, 5), of_queue + 2 * of_team + 5 * of_thread);
}

TEST(StaticSession, RunsWhatOneThreadDoesAsItRunsAll) {
  const auto network = fold_batch_norm(lived_in<ResNetLike>(Seed{1}));
  const Session session{network.buffer(), 4, 2};
  auto context = session.make_context();
  const std::vector<float> images = noise(session.input_size(), Seed{2});
  const auto write = [&](std::size_t first, std::size_t count, std::byte* to) noexcept {
    std::memcpy(to, images.data() + first, count * sizeof(float));
  };
  const auto read = [](const std::byte* result, float* to) noexcept { std::memcpy(to, result, 10 * sizeof(float)); };
  std::vector<float> truth(session.output_size());
  session.execute(write, read, truth.data(), context);
  std::vector<float> found(truth.size());
  for (const std::size_t thread : {1U, 0U}) session.execute_at({thread, 2}, write, read, found.data(), context);
  EXPECT_EQ(found, truth);
}

TEST(StaticSession, DescribesEveryStep) {
  const auto network = fold_batch_norm(lived_in<ResNetLike>(Seed{1}));
  EXPECT_EQ((Session{network.buffer(), 1, 1}.steps().size()), fuse(Folded::program, FuseFor::inference).ops.size());
}

}  // namespace
}  // namespace attar::test::static_session_test
