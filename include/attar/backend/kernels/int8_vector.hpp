// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <type_traits>

#include <attar/backend/kernels/vector.hpp>

#if defined(__aarch64__)
#include <arm_neon.h>
#endif

/// Short vectors of quantized values: bytes in memory, floats or bytes in registers.
namespace attar::detail {

/// `Count` numbers of a type, most often bytes.
template <class T, int Count>
using Bytes = typename VectorOf<T, Count>::Type;

/// `Count` bytes as they are.
template <class T, int Count>
[[nodiscard]] inline Bytes<T, Count> load_bytes(const T* from, Lanes<Count>) noexcept {
  Bytes<T, Count> bytes;
  std::memcpy(&bytes, from, sizeof(bytes));
  return bytes;
}

/// Sixteen bytes as 16-bit integers.
template <class T>
[[gnu::always_inline]] inline void widen(const T* from, std::int16_t* to) noexcept {
  const auto bytes = load_bytes(from, Lanes<16>{});
#if defined(__AVX2__) && !defined(__clang__)
  const auto characters = reinterpret_cast<Characters>(bytes);  // Of one step GCC makes several.
  const auto integers =
      std::is_signed_v<T> ? __builtin_ia32_pmovsxbw256(characters) : __builtin_ia32_pmovzxbw256(characters);
#else
  const auto integers = __builtin_convertvector(bytes, Bytes<std::int16_t, 16>);
#endif
  std::memcpy(to, &integers, sizeof(integers));
}

/// Calls `body(i, Lanes<L>)` for pieces of `count` bytes, as many at once as a vector has.
template <class Body>
[[gnu::always_inline]] inline void for_bytes(std::size_t count, const Body& body) {
  std::size_t i = 0;
  const auto run = [&]<int Count>(Lanes<Count> lanes) __attribute__((always_inline)) {
    for (; i + Count <= count; i += Count) body(i, lanes);
  };
  if constexpr (native_lanes >= 8) run(Lanes<32>{});
  run(Lanes<16>{});
  run(Lanes<4>{});
  run(Lanes<1>{});
}

/// `Count` bytes as integers and as floats.
template <class T, int Count>
[[nodiscard]] inline Ints<Count> load_integers(const T* from, [[maybe_unused]] Lanes<Count> lanes) noexcept {
#if defined(__AVX2__) && !defined(__clang__)
  if constexpr (sizeof(T) == 1 && Count == 8) {  // Of one step GCC makes several.
    long long eight;
    std::memcpy(&eight, from, sizeof(eight));
    const auto bytes = reinterpret_cast<Characters>(Bytes<long long, 2>{eight, 0});
    return std::is_signed_v<T> ? __builtin_ia32_pmovsxbd256(bytes) : __builtin_ia32_pmovzxbd256(bytes);
  }
#endif
  if constexpr (sizeof(T) == 1) {
    // In two steps, for which GCC knows the instructions.
    using Wider = std::conditional_t<std::is_signed_v<T>, std::int16_t, std::uint16_t>;
    const auto wider = __builtin_convertvector(load_bytes(from, lanes), Bytes<Wider, Count>);
    return __builtin_convertvector(wider, Ints<Count>);
  } else {
    return __builtin_convertvector(load_bytes(from, lanes), Ints<Count>);
  }
}
template <class T, int Count>
[[nodiscard]] inline Floats<Count> load_floats(const T* from, Lanes<Count> lanes) noexcept {
  return __builtin_convertvector(load_integers(from, lanes), Floats<Count>);
}

#if defined(__AVX2__)
/// The upper 16 bytes of 32, as a type.
template <class Half, class Whole>
[[nodiscard, gnu::always_inline]] inline Half upper_half(Whole whole) noexcept {
  return reinterpret_cast<Half>(__builtin_ia32_extract128i256(reinterpret_cast<Bytes<long long, 4>>(whole), 1));
}
/// Two times eight 16-bit integers as bytes, saturated.
template <class T>
[[nodiscard, gnu::always_inline]] inline Characters pack_shorts(Bytes<short, 8> low, Bytes<short, 8> high) noexcept {
  return std::is_signed_v<T> ? __builtin_ia32_packsswb128(low, high) : __builtin_ia32_packuswb128(low, high);
}
#endif

/// Stores integers that fit into bytes.
template <class T, int Count>
inline void store_bytes(T* to, Ints<Count> integers, Lanes<Count>) noexcept {
#if defined(__AVX2__)
  if constexpr (Count == 8) {  // GCC takes each number out by itself.
    const auto low = __builtin_shufflevector(integers, integers, 0, 1, 2, 3);
    const auto high = upper_half<Ints<4>>(integers);
    const auto shorts = __builtin_ia32_packssdw128(low, high);
    const auto eight = reinterpret_cast<Bytes<long long, 2>>(pack_shorts<T>(shorts, shorts))[0];
    std::memcpy(to, &eight, sizeof(eight));
    return;
  }
  if constexpr (Count == 4) {
    const auto shorts = __builtin_ia32_packssdw128(integers, integers);
    const int four = reinterpret_cast<Ints<4>>(pack_shorts<T>(shorts, shorts))[0];
    std::memcpy(to, &four, sizeof(four));
    return;
  }
#endif
  const Bytes<T, Count> bytes = __builtin_convertvector(integers, Bytes<T, Count>);
  std::memcpy(to, &bytes, sizeof(bytes));
}

#if defined(__aarch64__)
/// y rounded to nearest, ties to even, and saturated, first as shorts, then as bytes. NaN is 0 to the conversion.
template <class T>
[[nodiscard]] inline int16x4_t round_to_shorts(Floats<4> y) noexcept {
  auto numbers = reinterpret_cast<float32x4_t>(y);
  if constexpr (std::is_signed_v<T>) numbers = vmaxnmq_f32(numbers, vdupq_n_f32(-128.0F));
  return vqmovn_s32(vcvtnq_s32_f32(numbers));
}
template <class T>
[[nodiscard]] inline Bytes<T, 8> shorts_to_bytes(int16x4_t low, int16x4_t high) noexcept {
  const int16x8_t shorts = vcombine_s16(low, high);
  if constexpr (std::is_signed_v<T>) {
    return reinterpret_cast<Bytes<T, 8>>(vqmovn_s16(shorts));
  } else {
    return reinterpret_cast<Bytes<T, 8>>(vqmovun_s16(shorts));
  }
}
#endif

/// Saturates y, rounds it to nearest, ties to even, and stores it; NaN gives the lowest value.
template <class T, int Count>
inline void store_rounded(T* to, Floats<Count> y, Lanes<Count> lanes) noexcept {
  constexpr bool is_signed = std::is_signed_v<T>;
#if defined(__aarch64__)
  if constexpr (Count == 4) {
    const int16x4_t shorts = round_to_shorts<T>(y);
    const Bytes<T, 8> bytes = shorts_to_bytes<T>(shorts, shorts);
    std::memcpy(to, &bytes, 4);
    return;
  }
#endif
  constexpr float magic = 12582912.0F;  // 1.5 * 2^23: the lowest bit of the sum's fraction counts ones.
  constexpr std::int32_t magic_bits = 0x4B400000;
  const Floats<Count> low = Floats<Count>{} - (is_signed ? 128.0F : 0.0F);
  const Floats<Count> high = Floats<Count>{} + (is_signed ? 127.0F : 255.0F);
  const Floats<Count> above = y > low ? y : low;
  const Floats<Count> bounded = above < high ? above : high;
  const Ints<Count> rounded = reinterpret_cast<Ints<Count>>(bounded + magic) - magic_bits;
  store_bytes(to, rounded, lanes);
}

/// Makes the compiler round `value` to float here, so that it cannot fuse a product with a sum behind it.
template <class Vector>
inline void round_here(Vector& value) noexcept {
  if constexpr (sizeof(value) == sizeof(float)) {
    asm("" : "+m"(value));
  } else {
#if defined(__AVX512F__)
    asm("" : "+v"(value));
#elif defined(__x86_64__)
    asm("" : "+x"(value));
#elif defined(__aarch64__)
    asm("" : "+w"(value));
#else
    asm("" : "+m"(value));
#endif
  }
}

/// y + offset, where y may be a product.
template <class Vector>
[[nodiscard]] inline Vector int8_add(Vector y, float offset) noexcept {
  round_here(y);
  return y + offset;
}

}  // namespace attar::detail
