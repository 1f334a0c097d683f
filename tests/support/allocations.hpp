// SPDX-License-Identifier: MIT
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdlib>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define ATTAR_TEST_SANITIZER 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define ATTAR_TEST_SANITIZER 1
#endif
#endif

#ifndef ATTAR_TEST_SANITIZER
#include <cerrno>
#if defined(__x86_64__)
#include <immintrin.h>  // Clang's own header declares posix_memalign in its way, which must come first.
#endif
#endif

/// Counts what the whole program asks the allocator for, libraries included: `new` of C++ ends there too. To be
/// included by one file of a program only, for it replaces `malloc` and its relatives.
namespace attar::test {

inline std::atomic<std::size_t> allocation_count{0};
inline std::atomic<std::size_t> release_count{0};

/// How often memory was asked for, and given back, since the program began.
inline std::size_t allocations() {
  return allocation_count.load();
}
inline std::size_t releases() {
  return release_count.load();
}

inline void count_release(const void* memory) {
  if (memory != nullptr) ++release_count;
}

}  // namespace attar::test

#ifdef ATTAR_TEST_SANITIZER

// The sanitizers replace the allocator themselves, and tell what goes through it. Of their interface, whose header g++
// does not bring along everywhere.
extern "C" int __sanitizer_install_malloc_and_free_hooks(void (*on_malloc)(const volatile void*, std::size_t),
                                                         void (*on_free)(const volatile void*));
namespace attar::test {
inline const int allocator_hooks = __sanitizer_install_malloc_and_free_hooks(
    [](const volatile void*, std::size_t) { ++allocation_count; },
    [](const volatile void* memory) { count_release(const_cast<const void*>(memory)); });
}  // namespace attar::test

#else

// What is defined in the program goes before what is in glibc, for all libraries; these are glibc's own other names.
extern "C" {
void* __libc_malloc(std::size_t size) noexcept;
void* __libc_calloc(std::size_t count, std::size_t size) noexcept;
void* __libc_realloc(void* memory, std::size_t size) noexcept;
void* __libc_memalign(std::size_t alignment, std::size_t size) noexcept;
void __libc_free(void* memory) noexcept;

void* malloc(std::size_t size) noexcept {
  ++attar::test::allocation_count;
  return __libc_malloc(size);
}
void* calloc(std::size_t count, std::size_t size) noexcept {
  ++attar::test::allocation_count;
  return __libc_calloc(count, size);
}
void* realloc(void* memory, std::size_t size) noexcept {
  ++attar::test::allocation_count;
  attar::test::count_release(memory);
  return __libc_realloc(memory, size);
}
void* memalign(std::size_t alignment, std::size_t size) noexcept {
  ++attar::test::allocation_count;
  return __libc_memalign(alignment, size);
}
void* aligned_alloc(std::size_t alignment, std::size_t size) noexcept {
  return memalign(alignment, size);
}
int posix_memalign(void** memory, std::size_t alignment, std::size_t size) noexcept {
  *memory = memalign(alignment, size);
  return *memory == nullptr ? ENOMEM : 0;
}
void free(void* memory) noexcept {
  attar::test::count_release(memory);
  __libc_free(memory);
}
}

#endif
