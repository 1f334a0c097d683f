// SPDX-License-Identifier: MIT
#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "../support/int8_exact.hpp"
#include "../support/random_int8.hpp"
#include <attar/backend/default_backend.hpp>
#include <attar/backend/eigen.hpp>
#include <attar/backend/inference_session.hpp>
#include <attar/backend/int8_session.hpp>
#include <attar/backend/mixed_session.hpp>
#include <attar/backend/reference.hpp>

namespace attar::test::mixed_session_test {
namespace {

using enum LayerPrecision;
using Precisions = std::vector<LayerPrecision>;
using Bytes = std::vector<std::byte>;

MixedModel mixed_model(RandomInt8& random, const Precisions& precisions) {
  return {random.model(), random.random().parameters(), precisions};
}

Precisions random_precisions(const Program& program, Seed seed, int kinds) {
  constexpr std::array choices{int8, fp32, bf16};
  Rng rng{seed, 77};
  Precisions precisions(program.rows.size());
  for (LayerPrecision& precision : precisions) precision = choices[rng.below(static_cast<std::uint32_t>(kinds))];
  return precisions;
}

/// All that a session computes: each value of the program in its format, and the logits.
template <class Session>
struct Traced {
  Session session;
  std::vector<Bytes> values;
  std::vector<float> logits;

  Traced(const MixedModel& model, const std::vector<float>& images, int batch)
      : session{model, batch}, values(model.int8.program.values.size()), logits(session.output_size()) {
    auto context = session.make_context();
    session.run(images.data(), logits.data(), context, [&](int value, std::span<const std::byte> bytes) {
      values[static_cast<std::size_t>(value)].assign(bytes.begin(), bytes.end());
    });
  }
};

/// A number of a value as a float, the plain way.
float number_at(const Bytes& bytes, LayerPrecision format, std::size_t i, const Int8Format& of_bytes) {
  if (format == int8) {
    const int q = detail::number_of(static_cast<std::int8_t>(bytes[i]), of_bytes.is_signed);
    return static_cast<float>(q - of_bytes.zero_point) * of_bytes.scale;
  }
  if (format == bf16) {
    class bf16 half{};
    std::memcpy(&half, bytes.data() + i * sizeof(half), sizeof(half));
    return half;
  }
  float number = 0;
  std::memcpy(&number, bytes.data() + i * sizeof(number), sizeof(number));
  return number;
}

/// A value in another format, the plain way.
Bytes converted(const Bytes& bytes, LayerPrecision from, LayerPrecision to, const Int8Format& of_bytes) {
  if (from == to) return bytes;
  const std::size_t count = bytes.size() / detail::size_of(from);
  Bytes result(count * detail::size_of(to));
  for (std::size_t i = 0; i < count; ++i) {
    const float number = number_at(bytes, from, i, of_bytes);
    const float factor = 1.0F / of_bytes.scale;
    if (to == int8) {
      const volatile float scaled = number * factor;
      const float y = scaled + static_cast<float>(of_bytes.zero_point);
      result[i] = static_cast<std::byte>(detail::byte_of(detail::requantize(double{y}, of_bytes.is_signed)));
    } else if (to == bf16) {
      const class bf16 half{number};
      std::memcpy(result.data() + i * sizeof(half), &half, sizeof(half));
    } else {
      std::memcpy(result.data() + i * sizeof(number), &number, sizeof(number));
    }
  }
  return result;
}

/// Each operation once more, by the plain interpreter, from what the session gave its operands: integers must agree to
/// the last bit, floats within `tolerance` of the largest.
template <class Backend>
void expect_steps(const MixedModel& model, const std::vector<float>& images, int batch, double tolerance) {
  const Traced<MixedSession<Backend>> found{model, images, batch};
  const Program& program = model.int8.program;
  const FusedProgram fused = fuse(program, FuseFor::inference);
  const Precisions precisions = detail::op_precisions(program, fused, model.precisions);
  const auto in = [&](int value, LayerPrecision wanted) {
    return converted(found.values[static_cast<std::size_t>(value)], found.session.format(value), wanted,
                     model.int8.format(value));
  };
  for (std::size_t i = 0; i < fused.ops.size(); ++i) {
    const Op& op = fused.ops[i];
    SCOPED_TRACE(std::to_string(i) + ", operation " + std::to_string(static_cast<int>(op.kind)) + " in " +
                 std::string{name_of(precisions[i])});
    const OperationContext context{op, program, batch};
    std::vector<Bytes> operands;
    detail::StepPointers pointers;
    for (std::size_t k = 0; k < static_cast<std::size_t>(op.operand_count); ++k) {
      operands.push_back(in(op.operands[k], precisions[i]));
    }
    for (std::size_t k = 0; k < operands.size(); ++k) pointers.inputs[k] = operands[k].data();
    const Bytes residual = op.residual >= 0 ? in(op.residual, precisions[i]) : Bytes{};
    if (op.residual >= 0) pointers.residual = residual.data();
    const Bytes& given = found.values[static_cast<std::size_t>(op.output)];
    Bytes expected(given.size());
    pointers.output = expected.data();
    if (precisions[i] == int8) {
      const bool product = op.kind == OpKind::conv2d || op.kind == OpKind::linear;
      const auto step = detail::Int8InferenceOf<Reference<float>>::prepare(
          detail::Int8Preparer{model.int8, fused}.prepare(op), context,
          product ? model.int8.weight(op.weight) : std::span<const std::int8_t>{}, false);
      step.execute(pointers);
      ASSERT_TRUE(given == expected);
      continue;
    }
    if (precisions[i] == fp32) {
      detail::InferenceOf<Reference<float>, float>::prepare(context, model.parameters, false).execute(pointers);
    } else {
      detail::InferenceOf<Reference<float>, class bf16>::prepare(context, model.parameters, false).execute(pointers);
    }
    double largest = 1e-6;
    double error = 0;
    for (std::size_t at = 0; at < given.size() / detail::size_of(precisions[i]); ++at) {
      const double wanted = double{number_at(expected, precisions[i], at, {})};
      largest = std::max(largest, std::abs(wanted));
      error = std::max(error, std::abs(double{number_at(given, precisions[i], at, {})} - wanted));
    }
    ASSERT_LE(error, tolerance * largest);
  }
  for (std::size_t i = 0; i < found.logits.size(); ++i) {
    const Int8Format of_bytes = model.int8.format(fused.output);
    EXPECT_EQ(found.logits[i], number_at(found.values[static_cast<std::size_t>(fused.output)],
                                         found.session.format(fused.output), i, of_bytes));
  }
}

template <class Backend>
void expect_steps_of_random_networks(int count, int kinds, double tolerance) {
  for (int i = 0; i < count; ++i) {
    SCOPED_TRACE(i);
    const Seed seed{static_cast<std::uint64_t>(i)};
    RandomInt8 random{seed, 9, i % 4 != 0, i % 5 == 0 ? 63 : 127, zero_points_of(i)};
    const int batch = 1 + i % 3;
    const std::vector<float> images = random.random().images(batch);
    const Precisions precisions = random_precisions(random.model().program, seed, kinds);
    expect_steps<Backend>(mixed_model(random, precisions), images, batch, tolerance);
    if (::testing::Test::HasFatalFailure()) return;
  }
}

TEST(MixedSession, RunsEachLayerInItsPrecision) {
  expect_steps_of_random_networks<Reference<float>>(60, 2, 0);
  expect_steps_of_random_networks<DefaultBackend>(150, 2, 1e-5);
  expect_steps_of_random_networks<EigenBackend>(60, 2, 1e-5);
}

TEST(MixedSession, RunsLayersInBf16) {
  expect_steps_of_random_networks<Reference<float>>(40, 3, 0);
}

TEST(MixedSession, RefusesBf16WhereThereIsNone) {
  RandomInt8 random{Seed{3}};
  const Precisions precisions(random.model().program.rows.size(), bf16);
  const MixedModel model = mixed_model(random, precisions);
  try {
    MixedSession<EigenBackend>{model};
    ADD_FAILURE();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::unsupported);
  }
  try {
    MixedSession<DefaultBackend>{model};  // Where the CPU has bf16, this is no error.
  } catch (const Error& error) {
    EXPECT_EQ(error.subject(), "a layer in bf16");
    EXPECT_EQ(error.code(), ErrorCode::unsupported);
  }
}

template <class Backend>
void expect_int8_bits(RandomInt8& random, const std::vector<float>& images, int batch) {
  const Precisions precisions(random.model().program.rows.size(), int8);
  const Traced<MixedSession<Backend>> found{mixed_model(random, precisions), images, batch};
  const Int8Trace truth = trace<Backend>(random.model(), images, batch);
  EXPECT_EQ(found.values, truth.values);
  EXPECT_EQ(found.logits, truth.logits);
  EXPECT_EQ(found.session.conversions(), 0);
  EXPECT_EQ(found.session.context_bytes(), (Int8Session<Backend>{random.model(), batch}.context_bytes()));
}

template <class Backend>
void expect_float_bits(RandomInt8& random, const std::vector<float>& images, int batch) {
  const Program& program = random.model().program;
  const Precisions precisions(program.rows.size(), fp32);
  const Traced<MixedSession<Backend>> found{mixed_model(random, precisions), images, batch};
  const InferenceSession<Backend> floats{program, random.random().parameters(), batch};
  auto context = floats.make_context();
  std::vector<float> logits(floats.output_size());
  floats.run(images.data(), logits.data(), context, [&](int value, std::span<const float> numbers) {
    const auto bytes = std::as_bytes(numbers);
    EXPECT_TRUE(std::ranges::equal(bytes, found.values[static_cast<std::size_t>(value)])) << value;
  });
  EXPECT_EQ(found.logits, logits);
  EXPECT_EQ(found.session.conversions(), 0);
  EXPECT_EQ(found.session.context_bytes(), floats.context_bytes());
}

TEST(MixedSession, GivesTheBitsOfASessionOfOnePrecision) {
  for (int i = 0; i < 30; ++i) {
    SCOPED_TRACE(i);
    RandomInt8 random{Seed{static_cast<std::uint64_t>(i)}, 8, true, 127, zero_points_of(i)};
    const std::vector<float> images = random.random().images(2);
    expect_int8_bits<DefaultBackend>(random, images, 2);
    expect_float_bits<DefaultBackend>(random, images, 2);
    expect_int8_bits<EigenBackend>(random, images, 2);
    expect_float_bits<EigenBackend>(random, images, 2);
  }
}

TEST(MixedSession, IsSharedByThreadsAndCopies) {
  RandomInt8 random{Seed{8}};
  const Precisions precisions = random_precisions(random.model().program, Seed{1}, 2);
  auto original = std::make_unique<MixedSession<Reference<float>>>(mixed_model(random, precisions), 1, Threads{1});
  const MixedSession<Reference<float>> session{*original};
  original.reset();
  const std::vector<float> images = random.random().images(1);
  const auto logits_of_thread = [&] {
    auto context = session.make_context();
    std::vector<float> logits(session.output_size());
    for (int i = 0; i < 20; ++i) session.run(images.data(), logits.data(), context);
    return logits;
  };
  const std::vector<float> expected = logits_of_thread();
  std::vector<float> other;
  std::thread thread{[&] { other = logits_of_thread(); }};
  EXPECT_EQ(logits_of_thread(), expected);
  thread.join();
  EXPECT_EQ(other, expected);
  static_assert(noexcept(session.run(nullptr, nullptr, std::declval<MixedSession<Reference<float>>::Context&>())));
}

TEST(MixedSession, RefusesWhatDoesNotFit) {
  RandomInt8 random{Seed{1}};
  const Precisions few(1, int8);
  EXPECT_THROW(MixedSession<EigenBackend>{mixed_model(random, few)}, Error);
  const Precisions floats(random.model().program.rows.size(), fp32);
  MixedModel model = mixed_model(random, floats);
  EXPECT_THROW((MixedSession<EigenBackend>{model, 0}), Error);
  std::vector<float> scales(random.model().activation_scales.begin(), random.model().activation_scales.end());
  scales.back() = 0;
  model.int8.activation_scales = scales;
  EXPECT_THROW(MixedSession<EigenBackend>{model}, Error);
}

}  // namespace
}  // namespace attar::test::mixed_session_test
