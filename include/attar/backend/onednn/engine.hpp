// SPDX-License-Identifier: MIT
#pragma once

#include <new>
#include <string>
#include <string_view>
#include <utility>

#include <dnnl.hpp>

#include <attar/core/error.hpp>

namespace attar::detail::onednn {

/// Throws `Error` with `unsupported` unless the oneDNN that was loaded is one whose interface this library speaks.
inline void require_supported(const dnnl_version_t& version) {
  if (version.major == 3 && version.minor >= 1) return;
  raise(
      Error{ErrorCode::unsupported, "oneDNN",
            "version 3.1 or newer of version 3 (from the distribution, conda-forge or vcpkg)",
            std::to_string(version.major) + "." + std::to_string(version.minor) + "." + std::to_string(version.patch)});
}

/// Calls `body`; what oneDNN throws in it comes out as `Error` about `subject`. (In a program
/// without exceptions oneDNN's own interface prints what failed and aborts.)
template <class Body>
decltype(auto) guarded(std::string_view subject, Body&& body) {
  return translate_exceptions<std::bad_alloc>(
      [&]() -> decltype(auto) {
        return translate_exceptions<dnnl::error>(std::forward<Body>(body), [&](const dnnl::error& error) {
          const bool memory = error.status == dnnl_out_of_memory;
          const bool unsupported = error.status == dnnl_unimplemented;
          return Error{memory        ? ErrorCode::out_of_memory
                       : unsupported ? ErrorCode::unsupported
                                     : ErrorCode::backend_failure,
                       "oneDNN's " + std::string{subject}, "to be carried out", error.what()};
        });
      },
      [&](const std::bad_alloc&) {
        return Error{ErrorCode::out_of_memory, "oneDNN's " + std::string{subject}, "memory for it", "none"};
      });
}

/// The CPU, once per program. The first call checks the version of the library.
inline const dnnl::engine& engine() {
  static const dnnl::engine cpu = guarded("engine", [] {
    require_supported(*dnnl_version());
    return dnnl::engine{dnnl::engine::kind::cpu, 0};
  });
  return cpu;
}

/// The calling thread's queue. What is executed on a CPU is done when the call returns.
inline const dnnl::stream& stream() {
  static thread_local const dnnl::stream queue = guarded("stream", [] { return dnnl::stream{engine()}; });
  return queue;
}

}  // namespace attar::detail::onednn
