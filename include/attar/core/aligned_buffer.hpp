// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <new>
#include <span>
#include <string>
#include <type_traits>
#include <utility>

#include <attar/core/error.hpp>

namespace attar {

/// Where every buffer begins: a cache line, and the width of the widest vector register.
inline constexpr std::size_t buffer_alignment = 64;

namespace detail {

/// Outside of the buffers, so that it is compiled once and not for every type of number.
[[noreturn, gnu::cold]] inline void raise_no_memory(std::size_t count, std::size_t size) {
  raise(Error{ErrorCode::out_of_memory, "buffer",
              std::to_string(count) + " elements of " + std::to_string(size) + " bytes", "no memory for them"});
}

}  // namespace detail

/// `count` zero-initialized numbers in memory aligned to 64 bytes. A value: copying copies the numbers.
/// Throws `Error` with `out_of_memory`.
template <class T>
  requires std::is_trivially_copyable_v<T>
class AlignedBuffer {
 public:
  AlignedBuffer() = default;
  explicit AlignedBuffer(std::size_t count) : data_{allocate(count)}, count_{count} {
    if (count > 0) std::memset(data_, 0, count * sizeof(T));
  }
  AlignedBuffer(const AlignedBuffer& other) : data_{allocate(other.count_)}, count_{other.count_} {
    if (count_ > 0) std::memcpy(data_, other.data_, count_ * sizeof(T));
  }
  AlignedBuffer(AlignedBuffer&& other) noexcept
      : data_{std::exchange(other.data_, nullptr)}, count_{std::exchange(other.count_, 0)} {}
  AlignedBuffer& operator=(AlignedBuffer other) noexcept {
    std::swap(data_, other.data_);
    std::swap(count_, other.count_);
    return *this;
  }
  ~AlignedBuffer() { ::operator delete(data_, std::align_val_t{buffer_alignment}); }

  [[nodiscard]] T* data() noexcept { return data_; }
  [[nodiscard]] const T* data() const noexcept { return data_; }
  [[nodiscard]] std::size_t size() const noexcept { return count_; }
  [[nodiscard]] bool empty() const noexcept { return count_ == 0; }
  [[nodiscard]] T& operator[](std::size_t i) noexcept { return data_[i]; }
  [[nodiscard]] const T& operator[](std::size_t i) const noexcept { return data_[i]; }
  [[nodiscard]] T* begin() noexcept { return data(); }
  [[nodiscard]] T* end() noexcept { return data() + count_; }
  [[nodiscard]] const T* begin() const noexcept { return data(); }
  [[nodiscard]] const T* end() const noexcept { return data() + count_; }
  [[nodiscard]] std::span<T> span() noexcept { return {data(), count_}; }
  [[nodiscard]] std::span<const T> span() const noexcept { return {data(), count_}; }
  void fill(T value) noexcept { std::fill_n(data(), count_, value); }

 private:
  static T* allocate(std::size_t count) {
    if (count == 0) return nullptr;
    if (count <= (~std::size_t{0} >> 1) / sizeof(T)) {
      void* memory = ::operator new(count * sizeof(T), std::align_val_t{buffer_alignment}, std::nothrow);
      if (memory != nullptr) return static_cast<T*>(memory);
    }
    detail::raise_no_memory(count, sizeof(T));
  }

  T* data_ =
      nullptr;  // No smart pointer: programs have buffers of many types, and each would take its time to compile.
  std::size_t count_ = 0;
};

}  // namespace attar
