// SPDX-License-Identifier: MIT
#include <type_traits>

#include <gtest/gtest.h>

#include <attar/backend/default_backend.hpp>
#include <attar/backend/eigen.hpp>

namespace attar::default_backend_test {
namespace {

TEST(DefaultBackend, IsTheOneThatTheCMakeTargetChose) {
#if defined(ATTAR_WITH_ONEDNN)
  EXPECT_TRUE((std::is_same_v<DefaultBackend, OneDnn>));
#else
  EXPECT_TRUE((std::is_same_v<DefaultBackend, EigenBackend>));
#endif
}

TEST(DefaultBackend, RunsForEmbeddedWhatIsKnownAtRunTimeOnly) {
  EXPECT_TRUE((std::is_same_v<detail::RunTimeBackend<Embedded>, DefaultBackend>));
  EXPECT_TRUE((std::is_same_v<detail::RunTimeBackend<EigenBackend>, EigenBackend>));
}

}  // namespace
}  // namespace attar::default_backend_test
