// SPDX-License-Identifier: MIT
#include <array>
#include <cstddef>
#include <cstdint>
#include <thread>

#include <gtest/gtest.h>

#include <attar/backend/onednn/primitive.hpp>
#include <attar/core/aligned_buffer.hpp>
#include <attar/core/error.hpp>

namespace attar::detail::onednn::primitive_test {
namespace {

Primitive transpose() {
  const Layout rows{{2, 3}, data_type<float>, Tag::ab};
  const Layout columns{{2, 3}, data_type<float>, Tag::ba};
  return {dnnl::reorder::primitive_desc{engine(), rows, engine(), columns, user_scratchpad()},
          {{DNNL_ARG_FROM, rows}, {DNNL_ARG_TO, columns}}};
}

TEST(Primitive, IsEmptyByDefault) {
  EXPECT_FALSE(Primitive{});
  EXPECT_TRUE(transpose());
}

TEST(Primitive, ExecutesOnTheAddressesOfEachCall) {
  Primitive primitive = transpose();
  for (const float base : {0.0F, 10.0F}) {
    const std::array from{base, base + 1, base + 2, base + 3, base + 4, base + 5};
    std::array<float, 6> to{};
    primitive(from.data(), to.data());
    EXPECT_EQ(to, (std::array{base, base + 3, base + 1, base + 4, base + 2, base + 5}));
  }
}

TEST(Primitive, RunsInAnotherThreadThanItWasMadeIn) {
  Primitive primitive = transpose();
  const std::array from{0.0F, 1.0F, 2.0F, 3.0F, 4.0F, 5.0F};
  std::array<float, 6> to{};
  std::thread{[&] { primitive(from.data(), to.data()); }}.join();
  EXPECT_EQ(to, (std::array{0.0F, 3.0F, 1.0F, 4.0F, 2.0F, 5.0F}));
}

TEST(Scratchpad, IsAlignedAndGrows) {
  const auto* small = static_cast<const std::byte*>(scratchpad(10));
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(small) % buffer_alignment, 0U);
  auto* large = static_cast<std::byte*>(scratchpad(1'000'000));
  large[999'999] = std::byte{1};
  EXPECT_EQ(scratchpad(500), large) << "a smaller request is served by the same memory";
}

TEST(Scratchpad, IsEachThreadsOwn) {
  const void* here = scratchpad(64);
  const void* there = nullptr;
  std::thread{[&] { there = scratchpad(64); }}.join();
  EXPECT_NE(here, there);
}

}  // namespace
}  // namespace attar::detail::onednn::primitive_test
