// SPDX-License-Identifier: MIT
#include <csignal>

#include <gtest/gtest.h>

#include <attar/core/interrupt.hpp>

namespace attar::interrupt_test {
namespace {

TEST(Interrupt, TheFirstSignalIsNotedTheSecondIsTheSystemsAgain) {
  stop_politely_on_signals();
  EXPECT_FALSE(interrupt_requested());
  std::raise(SIGTERM);
  EXPECT_TRUE(interrupt_requested());
  EXPECT_EQ(std::signal(SIGTERM, SIG_DFL), SIG_DFL);
  detail::interrupt_requested = false;
}

}  // namespace
}  // namespace attar::interrupt_test
