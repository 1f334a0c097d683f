// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <span>
#include <vector>

/// Algorithms over whole ranges; those that have namesakes in std::ranges mean the same. These check the concepts of
/// every type that they meet, which costs a compiler several times what it does to compile those here; programs would
/// pay it for every header, used or not.
namespace attar::detail {

/// All elements of a vector. What makes a `std::span` of any range is the dearest of all, and vectors of a type of ours
/// pay it each: name their elements by this. (Those of numbers have it from elsewhere anyway.)
template <class Element>
[[nodiscard]] constexpr std::span<Element> span_of(std::vector<Element>& elements) noexcept {
  return {elements.data(), elements.size()};
}
template <class Element>
[[nodiscard]] constexpr std::span<const Element> span_of(const std::vector<Element>& elements) noexcept {
  return {elements.data(), elements.size()};
}

template <class Range, class Predicate>
[[nodiscard]] constexpr bool any_of(const Range& range, Predicate predicate) {
  for (const auto& element : range) {
    if (predicate(element)) return true;
  }
  return false;
}

template <class Range, class Predicate>
[[nodiscard]] constexpr bool all_of(const Range& range, Predicate predicate) {
  for (const auto& element : range) {
    if (!predicate(element)) return false;
  }
  return true;
}

/// The first element that the predicate holds for, or the end.
template <class Range, class Predicate>
[[nodiscard]] constexpr auto find_if(Range&& range, Predicate predicate) {
  auto at = std::begin(range);
  while (at != std::end(range) && !predicate(*at)) ++at;
  return at;
}

/// The first element that equals `value`, or the end.
template <class Range, class Value>
[[nodiscard]] constexpr auto find(Range&& range, const Value& value) {
  auto at = std::begin(range);
  while (at != std::end(range) && !(*at == value)) ++at;
  return at;
}

/// The first element whose `member` equals `value`, or the end.
template <class Range, class Value, class Element, class Member>
[[nodiscard]] constexpr auto find(Range&& range, const Value& value, Member Element::* member) {
  auto at = std::begin(range);
  while (at != std::end(range) && !((*at).*member == value)) ++at;
  return at;
}

template <class Range, class Value>
[[nodiscard]] constexpr bool contains(const Range& range, const Value& value) {
  return find(range, value) != std::end(range);
}

/// The index of the largest element, of equals the first: the class that logits stand for.
template <class Range>
[[nodiscard]] constexpr std::size_t index_of_largest(const Range& range) {
  return static_cast<std::size_t>(std::max_element(std::begin(range), std::end(range)) - std::begin(range));
}

template <class Range, class Output>
constexpr void copy(const Range& from, Output to) {
  std::copy(std::begin(from), std::end(from), to);
}

template <class Range, class Value>
constexpr void fill(Range&& range, const Value& value) {
  std::fill(std::begin(range), std::end(range), value);
}

template <class Range, class Output, class Function>
constexpr void transform(const Range& from, Output to, Function function) {
  for (const auto& element : from) *to++ = function(element);
}

template <class Range, class... Less>
constexpr void sort(Range& range, Less... less) {
  std::sort(std::begin(range), std::end(range), less...);
}

}  // namespace attar::detail
