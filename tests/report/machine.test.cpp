// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <attar/report/machine.hpp>

namespace attar::machine_test {
namespace {

TEST(Machine, IsDescribedByProcessorThreadsCompilerAndVersion) {
  const std::string text = describe_machine();
  EXPECT_NE(text.find(std::to_string(thread_count()) + " threads"), std::string::npos) << text;
  EXPECT_NE(text.find("attar " + std::to_string(ATTAR_VERSION_MAJOR)), std::string::npos) << text;
}

}  // namespace
}  // namespace attar::machine_test
