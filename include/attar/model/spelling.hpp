// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <attar/detail/whole_range.hpp>
#include <attar/layers/layers.hpp>
#include <attar/model/sequential.hpp>
#include <attar/model/widths.hpp>

namespace attar {

/// A type as it is written in C++: its name, and its template arguments if it has some.
struct Spelled {
  std::string name;
  std::vector<Spelled> arguments{};

  friend bool operator==(const Spelled& a, const Spelled& b) { return a.name == b.name && a.arguments == b.arguments; }
};

/// Hands out widths, one to each layer that has one. Without widths each layer keeps its own.
class WidthReader {
 public:
  explicit WidthReader(std::span<const int> widths) : widths_{widths} {}
  int next(int written) { return next_ < widths_.size() ? widths_[next_++] : written; }

 private:
  std::span<const int> widths_;
  std::size_t next_ = 0;
};

/// How a layer or one of its options is written, with the widths that the reader gives it. Specialize it for layers of
/// your own:
///
///     template <>
///     struct attar::Spelling<Mish> {
///       static Spelled spell(WidthReader&) { return {"Mish"}; }
///     };
template <class T>
struct Spelling {
  static_assert(sizeof(T) == 0,
                "attar[E115]: write_architecture does not know how this layer is written; specialize attar::Spelling "
                "for it, as docs/width_search.md shows");
};

namespace detail {

/// One of the library's own types.
inline Spelled spelled(std::string_view name, std::vector<Spelled> arguments = {}) {
  return {"attar::" + std::string{name}, std::move(arguments)};
}

/// Each of the types, in order.
template <class... Types>
std::vector<Spelled> spell_all([[maybe_unused]] WidthReader& widths) {
  return {Spelling<Types>::spell(widths)...};
}

/// Numbers and then types.
template <class... Types>
std::vector<Spelled> spell_arguments(WidthReader& widths, std::initializer_list<int> numbers) {
  std::vector<Spelled> arguments;
  for (const int number : numbers) arguments.push_back({std::to_string(number)});
  for (Spelled& type : spell_all<Types...>(widths)) arguments.push_back(std::move(type));
  return arguments;
}

/// A type that is its name and nothing else.
template <class T>
struct SpelledByName {
  static Spelled spell(WidthReader&) { return spelled(T::name); }
};

/// `Kernel<3>` or `Kernel<1, 3>`.
inline Spelled spell_extent(std::string_view name, const Extent& extent) {
  Spelled result = spelled(name, {{std::to_string(extent.height)}});
  if (extent.width != extent.height) result.arguments.push_back({std::to_string(extent.width)});
  return result;
}

inline Spelled spell_ratio(std::string_view name, int numerator, int denominator) {
  return spelled(name, {{std::to_string(numerator)}, {std::to_string(denominator)}});
}

/// A string literal.
inline std::string quoted(std::string_view text) {
  std::string result = "\"";
  for (const char c : text) {
    const auto code = static_cast<unsigned char>(c);
    if (code < 0x20 || code >= 0x7F || c == '"' || c == '\\') {
      for (const unsigned shift : {6U, 3U, 0U}) {
        if (shift == 6) result += '\\';
        result += static_cast<char>('0' + (code >> shift & 7U));
      }
    } else {
      result += c;
    }
  }
  return result + '"';
}

}  // namespace detail

template <>
struct Spelling<ReLU> : detail::SpelledByName<ReLU> {};
template <>
struct Spelling<ReLU6> : detail::SpelledByName<ReLU6> {};
template <>
struct Spelling<HardSwish> : detail::SpelledByName<HardSwish> {};
template <>
struct Spelling<Flatten> : detail::SpelledByName<Flatten> {};
template <>
struct Spelling<GlobalAvgPool> : detail::SpelledByName<GlobalAvgPool> {};

template <>
struct Spelling<Bias> {
  static Spelled spell(WidthReader&) { return detail::spelled("Bias"); }
};
template <>
struct Spelling<NoBias> {
  static Spelled spell(WidthReader&) { return detail::spelled("NoBias"); }
};
template <int Height, int Width>
struct Spelling<Kernel<Height, Width>> {
  static Spelled spell(WidthReader&) { return detail::spell_extent("Kernel", {Height, Width}); }
};
template <int Height, int Width>
struct Spelling<Stride<Height, Width>> {
  static Spelled spell(WidthReader&) { return detail::spell_extent("Stride", {Height, Width}); }
};
template <int Height, int Width>
struct Spelling<Padding<Height, Width>> {
  static Spelled spell(WidthReader&) { return detail::spell_extent("Padding", {Height, Width}); }
};
template <int Height, int Width>
struct Spelling<Dilation<Height, Width>> {
  static Spelled spell(WidthReader&) { return detail::spell_extent("Dilation", {Height, Width}); }
};
template <int Count>
struct Spelling<Groups<Count>> {
  static Spelled spell(WidthReader&) { return detail::spelled("Groups", {{std::to_string(Count)}}); }
};
template <int Numerator, int Denominator>
struct Spelling<Rate<Numerator, Denominator>> {
  static Spelled spell(WidthReader&) { return detail::spell_ratio("Rate", Numerator, Denominator); }
};
template <int Numerator, int Denominator>
struct Spelling<Epsilon<Numerator, Denominator>> {
  static Spelled spell(WidthReader&) { return detail::spell_ratio("Epsilon", Numerator, Denominator); }
};
template <int Numerator, int Denominator>
struct Spelling<Momentum<Numerator, Denominator>> {
  static Spelled spell(WidthReader&) { return detail::spell_ratio("Momentum", Numerator, Denominator); }
};

template <int Outputs, class... Options>
struct Spelling<Conv2d<Outputs, Options...>> {
  static Spelled spell(WidthReader& widths) {
    const int width = widths.next(Outputs);
    Spelled layer = detail::spelled("Conv2d", detail::spell_arguments<Options...>(widths, {width}));
    // A depthwise convolution in this spelling has as many groups as outputs.
    if (constexpr int groups = Conv2d<Outputs, Options...>::groups; groups > 1 && groups == Outputs) {
      for (Spelled& option : layer.arguments) {
        if (option.name == "attar::Groups") option.arguments = {{std::to_string(width)}};
      }
    }
    return layer;
  }
};
template <class... Options>
struct Spelling<DepthwiseConv2d<Options...>> {
  static Spelled spell(WidthReader& widths) {
    if (sizeof...(Options) == 0) return detail::spelled("DepthwiseConv2d<>");
    return detail::spelled("DepthwiseConv2d", detail::spell_all<Options...>(widths));
  }
};
template <int Outputs, class... Options>
struct Spelling<Linear<Outputs, Options...>> {
  static Spelled spell(WidthReader& widths) {
    const int width = widths.next(Outputs);
    return detail::spelled("Linear", detail::spell_arguments<Options...>(widths, {width}));
  }
};
template <class Eps, class Share>
struct Spelling<BatchNorm2dWith<Eps, Share>> {
  static Spelled spell(WidthReader& widths) {
    return detail::spelled("BatchNorm2dWith", detail::spell_all<Eps, Share>(widths));
  }
};
template <>
struct Spelling<BatchNorm2d> : detail::SpelledByName<BatchNorm2d> {};
template <int Size, class... Options>
struct Spelling<MaxPool2d<Size, Options...>> {
  static Spelled spell(WidthReader& widths) {
    return detail::spelled("MaxPool2d", detail::spell_arguments<Options...>(widths, {Size}));
  }
};
template <int Size, class... Options>
struct Spelling<AvgPool2d<Size, Options...>> {
  static Spelled spell(WidthReader& widths) {
    return detail::spelled("AvgPool2d", detail::spell_arguments<Options...>(widths, {Size}));
  }
};
template <class Probability>
struct Spelling<Dropout<Probability>> {
  static Spelled spell(WidthReader& widths) {
    return detail::spelled("Dropout", detail::spell_all<Probability>(widths));
  }
};
template <int Reduction>
struct Spelling<SqueezeExcite<Reduction>> {
  static Spelled spell(WidthReader&) { return detail::spelled("SqueezeExcite", {{std::to_string(Reduction)}}); }
};
template <Text Word>
struct Spelling<Tag<Word>> {
  static Spelled spell(WidthReader&) { return detail::spelled("Tag", {{detail::quoted(Word.view())}}); }
};

template <class... Layers>
struct Spelling<Stack<Layers...>> {
  static Spelled spell(WidthReader& widths) {
    if (sizeof...(Layers) == 0) return detail::spelled("Identity");
    return detail::spelled("Stack", detail::spell_all<Layers...>(widths));
  }
};
template <int Count, class Layer>
struct Spelling<Repeat<Count, Layer>> {
  /// Copies of different widths are written out; a `Stack` names them as a `Repeat` does.
  static Spelled spell(WidthReader& widths) {
    std::vector<Spelled> copies;
    for (int i = 0; i < Count; ++i) copies.push_back(Spelling<Layer>::spell(widths));
    if (copies.empty()) return detail::spelled("Identity");
    const bool alike = detail::all_of(copies, [&](const Spelled& copy) { return copy == copies[0]; });
    if (!alike) return detail::spelled("Stack", std::move(copies));
    return detail::spelled("Repeat", {{std::to_string(Count)}, copies[0]});
  }
};
template <class Main, class Shortcut>
struct Spelling<Residual<Main, Shortcut>> {
  static Spelled spell(WidthReader& widths) {
    return detail::spelled("Residual", detail::spell_all<Main, Shortcut>(widths));
  }
};
template <class Main>
struct Spelling<Residual<Main, Identity>> {
  static Spelled spell(WidthReader& widths) { return detail::spelled("Residual", detail::spell_all<Main>(widths)); }
};
template <class... Branches>
struct Spelling<Concat<Branches...>> {
  static Spelled spell(WidthReader& widths) {
    return detail::spelled("Concat", detail::spell_all<Branches...>(widths));
  }
};

namespace detail {

template <class Body>
struct BodySpelling;
template <class... Layers>
struct BodySpelling<Stack<Layers...>> {
  static std::vector<Spelled> spell(WidthReader& widths) { return spell_all<Layers...>(widths); }
};

}  // namespace detail

/// An architecture as it is written in C++, with `widths` in the place of its own where there are some. Names of the
/// library are qualified; aliases such as those of the zoo are written out.
template <Architecture A>
[[nodiscard]] Spelled spell_architecture(const Widths& widths = {}) {
  WidthReader reader{widths};
  const Shape input = A::input_shape;
  std::vector<Spelled> arguments{detail::spelled(
      "Input", {{std::to_string(input.channels)}, {std::to_string(input.height)}, {std::to_string(input.width)}})};
  for (Spelled& layer : detail::BodySpelling<typename A::Body>::spell(reader)) arguments.push_back(std::move(layer));
  return detail::spelled("Sequential", std::move(arguments));
}

}  // namespace attar
