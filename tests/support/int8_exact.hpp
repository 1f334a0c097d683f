// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "random_int8.hpp"
#include <attar/backend/int8_session.hpp>
#include <attar/backend/reference.hpp>

namespace attar::test {

/// Everything that an int8 session computes from `images`: the bytes of each value, and the logits.
struct Int8Trace {
  std::vector<std::vector<std::byte>> values;
  std::vector<float> logits;
};

template <class Backend>
Int8Trace trace(const Int8Model& model, const std::vector<float>& images, int batch) {
  const Int8Session<Backend> session{model, batch};
  Int8Trace result;
  result.values.resize(model.program.values.size());
  result.logits.resize(session.output_size());
  auto context = session.make_context();
  session.run(images.data(), result.logits.data(), context, [&](int value, std::span<const std::byte> bytes) {
    result.values[static_cast<std::size_t>(value)].assign(bytes.begin(), bytes.end());
  });
  return result;
}

/// Every value of the program and the logits must be those of the plain integer interpreter, to the last bit.
template <class Backend>
void expect_exact(const Int8Model& model, const std::vector<float>& images, int batch) {
  const Int8Trace truth = trace<Reference<float>>(model, images, batch);
  const Int8Trace found = trace<Backend>(model, images, batch);
  EXPECT_EQ(found.values[0], truth.values[0]) << "quantized images";
  for (const Op& op : fuse(model.program, FuseFor::inference).ops) {
    const auto value = static_cast<std::size_t>(op.output);
    ASSERT_TRUE(found.values[value] == truth.values[value])
        << "operation " << static_cast<int>(op.kind) << ", activation " << static_cast<int>(op.activation)
        << ", groups " << op.groups << ", residual " << op.residual;
  }
  EXPECT_EQ(found.logits, truth.logits);
}

/// Random networks: per channel and per tensor, 8 and 7 bits, with zero points and without, batches of 1 to 3, images
/// like those of calibration and far larger ones, which saturate.
template <class Backend>
void expect_exact_on_random_networks(int count, int weight_limit = 127) {
  for (int i = 0; i < count; ++i) {
    SCOPED_TRACE(i);
    const bool narrow = i % 5 == 0;
    RandomInt8 random{Seed{static_cast<std::uint64_t>(i)}, 9, i % 4 != 0, narrow ? 63 : weight_limit,
                      zero_points_of(i)};
    const int batch = 1 + i % 3;
    std::vector<float> images = random.random().images(batch);
    if (i % 7 == 0) {
      for (float& x : images) x *= 100;
    }
    expect_exact<Backend>(random.model(), images, batch);
    if (::testing::Test::HasFatalFailure()) return;
  }
}

}  // namespace attar::test
