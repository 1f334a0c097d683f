// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "../../support/small_networks.hpp"
#include <attar/backend/embedded/mixed_session.hpp>
#include <attar/backend/mixed_session.hpp>
#include <attar/backend/reference.hpp>
#include <attar/core/error.hpp>
#include <attar/core/rng.hpp>
#include <attar/model/fold_batch_norm.hpp>
#include <attar/model/mixed_network.hpp>
#include <attar/quantize/quantize.hpp>

namespace attar::test::mixed_session_test {
namespace {

using enum LayerPrecision;
using Precisions = std::vector<LayerPrecision>;
using Bytes = std::vector<std::byte>;

/// A network in both precisions, of which mixes are made.
template <class A, class Scheme = Int8<>>
struct Sources {
  using Folded = fold_batch_norm_t<A>;
  Network<Folded> floats = fold_batch_norm(lived_in<A>(Seed{1}));
  quantize_t<A, Scheme> int8 =
      quantize<Scheme, Reference<float>>(lived_in<A>(Seed{1}), noise(16 * A::input_shape.size(), Seed{9}));

  [[nodiscard]] MixedModel model(const Precisions& precisions) const {
    return {int8.model(), floats.buffer(), precisions};
  }
  [[nodiscard]] static Precisions all(LayerPrecision precision) {
    return Precisions(Folded::program.rows.size(), precision);
  }
  [[nodiscard]] static Precisions random(Seed seed) {
    Precisions precisions = all(int8_);
    Rng rng{seed, 77};
    for (LayerPrecision& precision : precisions) precision = rng.below(2) == 0 ? int8_ : fp32;
    return precisions;
  }
  static constexpr LayerPrecision int8_ = LayerPrecision::int8;
};

/// All values of one image, and its logits.
template <class Session>
struct Traced {
  std::vector<Bytes> values;
  std::vector<float> logits;

  Traced(const Session& session, const std::vector<float>& image, std::size_t count)
      : values(count), logits(session.output_size()) {
    auto context = session.make_context();
    session.run(image.data(), logits.data(), context, [&](int value, std::span<const std::byte> bytes) {
      values[static_cast<std::size_t>(value)].assign(bytes.begin(), bytes.end());
    });
  }
};

std::vector<float> floats_in(const Bytes& bytes) {
  std::vector<float> numbers(bytes.size() / sizeof(float));
  std::memcpy(numbers.data(), bytes.data(), bytes.size());
  return numbers;
}

/// Floats must be equal but for rounding. A byte may be the next one where a float that it was made of was rounded
/// otherwise; `exact` forbids that.
void expect_value(const Bytes& found, const Bytes& truth, LayerPrecision format, bool exact) {
  ASSERT_EQ(found.size(), truth.size());
  if (format == int8) {
    ASSERT_TRUE(!exact || found == truth);
    std::size_t other = 0;
    for (std::size_t i = 0; i < found.size(); ++i) {
      const int step = static_cast<std::int8_t>(static_cast<int>(found[i]) - static_cast<int>(truth[i]));
      ASSERT_LE(std::abs(step), 2);
      other += step != 0 ? 1U : 0U;
    }
    ASSERT_LE(other, 2 + found.size() / 50);
    return;
  }
  const std::vector<float> a = floats_in(found);
  const std::vector<float> b = floats_in(truth);
  float largest = 1e-6F;
  for (const float x : b) largest = std::max(largest, std::abs(x));
  for (std::size_t i = 0; i < a.size(); ++i) ASSERT_NEAR(a[i], b[i], (exact ? 1e-5F : 2e-2F) * largest);
}

/// The session must compute what `MixedSession` does: the same bits up to the first float, and what is left after it
/// as far as rounding allows.
template <class A, class Scheme = Int8<>>
void expect_as_mixed_session(int assignments) {
  using S = Sources<A, Scheme>;
  const S sources;
  const std::size_t values = S::Folded::program.values.size();
  for (int i = 0; i < assignments; ++i) {
    SCOPED_TRACE(i);
    const Precisions precisions = S::random(Seed{static_cast<std::uint64_t>(i)});
    const MixedModel model = sources.model(precisions);
    const MixedSession<Reference<float>> oracle{model, 1};
    const detail::EmbeddedMixedSession<typename S::Folded> session{model, 1, {1}};
    const std::vector<float> image = noise(A::input_shape.size(), Seed{static_cast<std::uint64_t>(100 + i)});
    const Traced truth{oracle, image, values};
    const Traced found{session, image, values};
    bool exact = true;
    for (const Op& op : fuse(S::Folded::program, FuseFor::inference).ops) {
      const auto value = static_cast<std::size_t>(op.output);
      SCOPED_TRACE("value " + std::to_string(value));
      ASSERT_EQ(session.format(op.output), oracle.format(op.output));
      expect_value(found.values[value], truth.values[value], oracle.format(op.output), exact);
      if (::testing::Test::HasFatalFailure()) return;
      exact = exact && oracle.format(op.output) == int8;
    }
  }
}

TEST(EmbeddedMixedSession, ComputesWhatMixedSessionDoes) {
  expect_as_mixed_session<ResNetLike>(12);
  expect_as_mixed_session<VggLike>(12);
  expect_as_mixed_session<MobileNetV2Like>(12);
}
TEST(EmbeddedMixedSession, ComputesGatesAndConcatenations) {
  expect_as_mixed_session<MobileNetV3Like>(12);
  expect_as_mixed_session<DenseNetLike>(12);
}
TEST(EmbeddedMixedSession, ComputesWithZeroPoints) {
  expect_as_mixed_session<MobileNetV3Like, Int8<Asymmetric>>(12);
}

/// Each int8 step once more, by the plain interpreter, from the bytes that the session gave it: exact behind floats,
/// too.
template <class A, class Scheme = Int8<>>
void expect_exact_int8_steps(int assignments) {
  using S = Sources<A, Scheme>;
  const S sources;
  const FusedProgram fused = fuse(S::Folded::program, FuseFor::inference);
  const Int8Model int8_model = sources.int8.model();
  for (int i = 0; i < assignments; ++i) {
    SCOPED_TRACE(i);
    const Precisions precisions = S::random(Seed{static_cast<std::uint64_t>(i)});
    const detail::EmbeddedMixedSession<typename S::Folded> session{sources.model(precisions), 1, {1}};
    const Traced found{session, noise(A::input_shape.size(), Seed{5}), S::Folded::program.values.size()};
    const Precisions of_ops = detail::op_precisions(S::Folded::program, fused, precisions);
    const auto bytes_of = [&](int value) {
      const Bytes& given = found.values[static_cast<std::size_t>(value)];
      if (session.format(value) == int8) return given;
      Bytes result(given.size() / sizeof(float));
      detail::convert_numbers({fp32, int8, int8_model.format(value)}, given.data(), result.size(), result.data());
      return result;
    };
    for (std::size_t at = 0; at < fused.ops.size(); ++at) {
      if (of_ops[at] != int8) continue;
      const Op& op = fused.ops[at];
      std::vector<Bytes> operands;
      for (std::size_t k = 0; k < static_cast<std::size_t>(op.operand_count); ++k) {
        operands.push_back(bytes_of(op.operands[k]));
      }
      detail::StepPointers pointers;
      for (std::size_t k = 0; k < operands.size(); ++k) pointers.inputs[k] = operands[k].data();
      const Bytes residual = op.residual >= 0 ? bytes_of(op.residual) : Bytes{};
      if (op.residual >= 0) pointers.residual = residual.data();
      const Bytes& given = found.values[static_cast<std::size_t>(op.output)];
      Bytes expected(given.size());
      pointers.output = expected.data();
      const bool product = op.kind == OpKind::conv2d || op.kind == OpKind::linear;
      detail::Int8InferenceOf<Reference<float>>::prepare(
          detail::Int8Preparer{int8_model, fused}.prepare(op), OperationContext{op, S::Folded::program, 1},
          product ? int8_model.weight(op.weight) : std::span<const std::int8_t>{}, false)
          .execute(pointers);
      ASSERT_TRUE(given == expected) << at;
    }
  }
}

TEST(EmbeddedMixedSession, HasExactInt8StepsBehindFloats) {
  expect_exact_int8_steps<ResNetLike>(12);
  expect_exact_int8_steps<MobileNetV3Like>(12);
  expect_exact_int8_steps<DenseNetLike>(12);
}

TEST(EmbeddedMixedSession, RunsABatchOnThreadsThatMayShareImages) {
  using S = Sources<ResNetLike>;
  const S sources;
  const Precisions precisions = S::random(Seed{3});
  const detail::EmbeddedMixedSession<S::Folded> one{sources.model(precisions), 1, {1}};
  auto context = one.make_context();
  for (const int threads : {2, 5, 8, 64}) {
    const detail::EmbeddedMixedSession<S::Folded> five{sources.model(precisions), 5, {threads}};
    const std::vector<float> images = noise(five.input_size(), Seed{4});
    auto context_of_five = five.make_context();
    std::vector<float> logits(five.output_size());
    five.run(images.data(), logits.data(), context_of_five);
    for (std::size_t i = 0; i < 5; ++i) {
      std::vector<float> alone(one.output_size());
      one.run(images.data() + i * one.input_size(), alone.data(), context);
      EXPECT_TRUE(std::ranges::equal(alone, std::span{logits}.subspan(i * alone.size(), alone.size())));
    }
  }
}

TEST(EmbeddedMixedSession, TellsItsSteps) {
  using S = Sources<ResNetLike>;
  const S sources;
  Precisions precisions = S::all(int8);
  precisions.back() = fp32;
  const detail::EmbeddedMixedSession<S::Folded> session{sources.model(precisions), 1, {1}};
  const std::vector<StepDescription> steps = session.steps();
  ASSERT_EQ(steps.size(), fuse(S::Folded::program, FuseFor::inference).ops.size() + 1);
  EXPECT_EQ(steps[steps.size() - 2].precision, "int8 to fp32");
  EXPECT_EQ(steps[steps.size() - 2].kernel, "attar conversion");
  EXPECT_EQ(steps.back().precision, "fp32");
  EXPECT_EQ(steps.back().kernel, "attar tiles, float");
}

template <class Make>
void expect_refused(ErrorCode code, Make&& make) {
  try {
    make();
    ADD_FAILURE();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), code);
  }
}

TEST(EmbeddedMixedSession, RefusesWhatCannotBe) {
  using S = Sources<VggLike>;
  using Session = detail::EmbeddedMixedSession<S::Folded>;
  const S sources;
  const Precisions floats = S::all(fp32);
  const Precisions halves = S::all(bf16);
  const Precisions few(1, fp32);
  expect_refused(ErrorCode::unsupported, [&] { Session(sources.model(halves), 1, {1}); });
  expect_refused(ErrorCode::invalid_argument, [&] { Session(sources.model(floats), 0, {1}); });
  expect_refused(ErrorCode::invalid_argument, [&] { Session(sources.model(floats), 1, {0}); });
  expect_refused(ErrorCode::architecture_mismatch, [&] { Session(sources.model(few), 1, {1}); });
}

}  // namespace
}  // namespace attar::test::mixed_session_test
