// SPDX-License-Identifier: MIT
#include <cstddef>
#include <cstring>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "../../support/small_networks.hpp"
#include <attar/backend/embedded/static_session.hpp>
#include <attar/backend/embedded/static_step.hpp>
#include <attar/backend/kernels/int8.hpp>
#include <attar/backend/reference.hpp>
#include <attar/model/fold_batch_norm.hpp>
#include <attar/quantize/quantize.hpp>

namespace attar::test::shared_image_test {
namespace {

// That an image is shared is not a thing of engines alone: tests/backend/embedded has it in all precisions, on the
// threads of OpenMP. Here threads are those of the test, which the thread sanitizer knows.

/// An int8 session on plain threads.
template <class A>
class Int8Shared : public detail::StaticSession<A, detail::Int8Steps<127>> {
  using Base = detail::StaticSession<A, detail::Int8Steps<127>>;

 public:
  Int8Shared(const Int8Model& model, int batch, int threads)
      : Base{{Base::P::ops(), Base::P::tables.output, model}, batch, {threads}},
        format_{model.format(0)},
        threads_{static_cast<std::size_t>(threads)} {}

  void run(const float* images, float* logits, typename Base::Context& context) const {
    const auto write = [&](std::size_t first, std::size_t count, std::byte* to) noexcept {
      detail::int8_quantize(images + first, count, format_, to);
    };
    const auto read = [](const std::byte* result, float* to) noexcept {
      std::memcpy(to, result, Base::classes * sizeof(float));
    };
    std::vector<std::jthread> threads;
    for (std::size_t i = 0; i < threads_; ++i) {
      threads.emplace_back([&, i] { Base::execute_at({i, threads_}, write, read, logits, context); });
    }
  }

 private:
  Int8Format format_;
  std::size_t threads_;
};

/// The same bits on any number of threads, of which some share an image or have none; many times.
template <class Whole>
void expect_same_bits() {
  const auto network =
      quantize<Int8<>, Reference<float>>(lived_in<Whole>(Seed{1}), noise(8 * Whole::input_shape.size(), Seed{9}));
  using Session = Int8Shared<typename decltype(network)::ArchitectureType>;
  for (const int batch : {1, 3, 8}) {
    const Session alone{network.model(), batch, 1};
    auto context_of_one = alone.make_context();
    for (const int threads : {2, 3, 8, 64}) {
      const Session session{network.model(), batch, threads};
      auto context = session.make_context();
      for (std::uint64_t seed = 0; seed < (threads < 8 ? 20U : 2U); ++seed) {
        const std::vector<float> images = noise(session.input_size(), Seed{seed});
        std::vector<float> truth(session.output_size());
        std::vector<float> found(session.output_size());
        alone.run(images.data(), truth.data(), context_of_one);
        session.run(images.data(), found.data(), context);
        ASSERT_EQ(found, truth) << threads << " threads, " << batch << " images";
      }
    }
  }
}

TEST(SharedImage, GivesTheSameBitsOnAnyNumberOfThreads) {
  expect_same_bits<ResNetLike>();
  expect_same_bits<MobileNetV3Like>();
  expect_same_bits<DenseNetLike>();
}

}  // namespace
}  // namespace attar::test::shared_image_test
