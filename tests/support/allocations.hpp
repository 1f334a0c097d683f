// SPDX-License-Identifier: MIT
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdlib>
#include <new>

/// Counts what goes through operator new. To be included by one file of a program only, for it replaces the operators.
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

inline void* counted_allocation(std::size_t size, std::size_t alignment) {
  ++allocation_count;
  void* memory = alignment <= alignof(std::max_align_t)
                     ? std::malloc(size)
                     : std::aligned_alloc(alignment, (size + alignment - 1) / alignment * alignment);
  return memory;
}
inline void counted_release(void* memory) {
  if (memory != nullptr) ++release_count;
  std::free(memory);
}

}  // namespace attar::test

[[gnu::noinline]] void* operator new(std::size_t size) {
  void* memory = attar::test::counted_allocation(size, 1);
  if (memory == nullptr) throw std::bad_alloc{};
  return memory;
}
[[gnu::noinline]] void* operator new(std::size_t size, std::align_val_t alignment) {
  void* memory = attar::test::counted_allocation(size, static_cast<std::size_t>(alignment));
  if (memory == nullptr) throw std::bad_alloc{};
  return memory;
}
[[gnu::noinline]] void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  return attar::test::counted_allocation(size, 1);
}
[[gnu::noinline]] void* operator new(std::size_t size, std::align_val_t alignment, const std::nothrow_t&) noexcept {
  return attar::test::counted_allocation(size, static_cast<std::size_t>(alignment));
}
[[gnu::noinline]] void operator delete(void* memory) noexcept {
  attar::test::counted_release(memory);
}
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept {
  attar::test::counted_release(memory);
}
[[gnu::noinline]] void operator delete(void* memory, std::align_val_t) noexcept {
  attar::test::counted_release(memory);
}
[[gnu::noinline]] void operator delete(void* memory, std::size_t, std::align_val_t) noexcept {
  attar::test::counted_release(memory);
}
