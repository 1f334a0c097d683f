// SPDX-License-Identifier: MIT
#include <type_traits>

#include <gtest/gtest.h>

#include <attar/backend/sessions.hpp>

namespace attar::sessions_test {
namespace {

struct Doubles {
  using Scalar = double;
};

TEST(Sessions, AreNamedWithoutTheirDefinitionsAndTheirBackends) {
  EXPECT_TRUE((std::is_same_v<InferenceSession<Doubles>, InferenceSession<Doubles, double>>));
  EXPECT_FALSE((std::is_same_v<Int8Session<Doubles>*, MixedSession<Doubles>*>));
}

}  // namespace
}  // namespace attar::sessions_test
