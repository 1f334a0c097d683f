// SPDX-License-Identifier: MIT
#include <new>
#include <string>

#include <gtest/gtest.h>

#include <attar/backend/onednn/engine.hpp>
#include <attar/core/error.hpp>

namespace attar::detail::onednn::engine_test {
namespace {

dnnl_version_t version(int major, int minor, int patch) {
  dnnl_version_t result{};
  result.major = major;
  result.minor = minor;
  result.patch = patch;
  return result;
}

template <class Body>
ErrorCode code_of(Body body) {
  try {
    guarded("test", body);
  } catch (const Error& error) {
    EXPECT_EQ(error.subject(), "oneDNN's test");
    return error.code();
  }
  ADD_FAILURE() << "nothing was thrown";
  return {};
}

TEST(Engine, RefusesVersionsOfAnotherInterface) {
  for (const auto& refused : {version(2, 6, 3), version(3, 0, 1), version(4, 0, 0)}) {
    try {
      require_supported(refused);
      ADD_FAILURE() << refused.major << "." << refused.minor << " was accepted";
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::unsupported);
      EXPECT_EQ(error.found(), std::to_string(refused.major) + "." + std::to_string(refused.minor) + "." +
                                   std::to_string(refused.patch));
      EXPECT_NE(error.expected().find("3.1"), std::string::npos);
    }
  }
}

TEST(Engine, AcceptsTheVersionsItSpeaks) {
  EXPECT_NO_THROW(require_supported(version(3, 1, 0)));
  EXPECT_NO_THROW(require_supported(version(3, 12, 0)));
  EXPECT_NO_THROW(require_supported(*dnnl_version()));
}

TEST(Engine, IsOneCpu) {
  EXPECT_EQ(engine().get_kind(), dnnl::engine::kind::cpu);
  EXPECT_EQ(&engine(), &engine());
}

TEST(Guarded, ReturnsWhatTheBodyReturns) {
  EXPECT_EQ(guarded("test", [] { return 7; }), 7);
}

TEST(Guarded, TurnsFailuresIntoErrors) {
  EXPECT_EQ(code_of([] { throw dnnl::error(dnnl_out_of_memory, "m"); }), ErrorCode::out_of_memory);
  EXPECT_EQ(code_of([] { throw dnnl::error(dnnl_unimplemented, "m"); }), ErrorCode::unsupported);
  EXPECT_EQ(code_of([] { throw dnnl::error(dnnl_runtime_error, "m"); }), ErrorCode::backend_failure);
  EXPECT_EQ(code_of([] { throw std::bad_alloc{}; }), ErrorCode::out_of_memory);
}

TEST(Guarded, LetsOurOwnErrorsThrough) {
  EXPECT_THROW(guarded("test", [] { require_supported(version(2, 6, 3)); }), Error);
}

}  // namespace
}  // namespace attar::detail::onednn::engine_test
