// SPDX-License-Identifier: MIT
#pragma once

#if ATTAR_WITH_ONEDNN
#include <dnnl.hpp>
#endif

namespace attar::test {

/// Whether oneDNN computes in bf16 on this CPU: with AVX-512 it does, if need be by instructions for floats.
[[nodiscard]] inline bool onednn_has_bf16() {
#if !ATTAR_WITH_ONEDNN
  return false;
#elif defined(__x86_64__) || defined(__i386__)
  constexpr unsigned avx512 = 0x20;
  return (static_cast<unsigned>(dnnl::get_effective_cpu_isa()) & avx512) != 0;
#else
  return true;
#endif
}

}  // namespace attar::test

/// Leaves a test whose CPU has not what it tests.
#define ATTAR_SKIP_WITHOUT_BF16() \
  if (!attar::test::onednn_has_bf16()) GTEST_SKIP() << "oneDNN has no bf16 on this CPU"
