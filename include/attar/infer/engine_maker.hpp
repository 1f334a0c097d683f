// SPDX-License-Identifier: MIT
#pragma once

#include <concepts>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include <attar/core/error.hpp>
#include <attar/core/instructions.hpp>
#include <attar/infer/any_engine.hpp>

namespace attar {

namespace detail {

/// A type without data that returns an engine when it is called with such arguments.
template <class Make, class... Arguments>
concept MakesEngines =
    std::is_empty_v<Make> && std::default_initializable<Make> && std::invocable<Make, Arguments...> &&
    std::constructible_from<AnyEngine, std::invoke_result_t<Make, Arguments...>>;

}  // namespace detail

/// Makes engines of one network: how is said in a source file that is compiled several times, each time for other
/// instructions (`attar_add_variants` in CMake), and the CPU that the program runs on gets the best that it can run.
/// `Arguments` are what making an engine takes, if anything: a network that was read from a file, `Threads`.
///
///     extern const attar::EngineMaker<> student;   // student.hpp
///
///     const attar::EngineMaker<> student{[] {      // student.cpp: compiled for each set of instructions
///       return attar::PixelEngine{student_int8::network, attar::Normalization{{0.286F}, {0.353F}}};
///     }};
///
///     const attar::AnyEngine engine = student.make();  // main.cpp
///
/// It is a constant: nothing of what was compiled for a CPU runs before that CPU is known to be there.
template <class... Arguments>
class EngineMaker {
 public:
  /// One of the forms that a maker was compiled in.
  struct Variant {
    std::string_view name;  ///< As in CMake: "avx2".
    const EngineMaker* maker;

    /// An engine of this variant, as `EngineMaker::make` makes it.
    [[nodiscard]] AnyEngine make(Arguments... arguments) const {
      return maker->make(std::forward<Arguments>(arguments)...);
    }
  };

  /// By a lambda without captures that takes the arguments and returns an `Engine` or a `PixelEngine`.
  template <class Make>
  consteval explicit EngineMaker(Make) {
    static_assert(detail::MakesEngines<Make, Arguments...>,
                  "attar[E138]: an EngineMaker takes a lambda without captures, which takes the arguments that the "
                  "maker's type names and returns an Engine or a PixelEngine");
    if constexpr (detail::MakesEngines<Make, Arguments...>) {
      make_ = [](Arguments... arguments) { return AnyEngine{Make{}(std::forward<Arguments>(arguments)...)}; };
    }
  }

  /// One that takes the first of the variants that the CPU can run. CMake writes such.
  template <std::size_t Count>
  consteval explicit EngineMaker(const Variant (&variants)[Count]) : needs_{}, variants_{variants} {}

  /// The variants, the best first; none if it was compiled once, as any other file.
  [[nodiscard]] std::span<const Variant> variants() const noexcept { return variants_; }

  /// The variant that this CPU gets: the first that it can run. Throws `Error` with `unsupported` if it can run none of
  /// them, with `invalid_argument` where there are none.
  [[nodiscard]] const Variant& best() const {
    std::string missing;
    for (const Variant& variant : variants_) {
      missing = variant.maker->missing();
      if (missing.empty()) return variant;
    }
    if (variants_.empty()) raise_without_variant("the best");
    raise(Error{ErrorCode::unsupported, "CPU", "the instructions of one of the variants " + names(),
                "one without " + missing});
  }

  /// The variant of that name. Throws `Error` with `invalid_argument` if there is none.
  [[nodiscard]] const Variant& named(std::string_view name) const {
    for (const Variant& variant : variants_) {
      if (variant.name == name) return variant;
    }
    raise_without_variant(std::string{name});
  }

  /// An engine, of the best variant where there are several. Throws `Error` with `unsupported` on a CPU that cannot run
  /// it, and as making the engine does.
  [[nodiscard]] AnyEngine make(Arguments... arguments) const {
    if (!variants_.empty()) return best().make(std::forward<Arguments>(arguments)...);
    require_instructions(missing());
    return make_(std::forward<Arguments>(arguments)...);
  }

 private:
  [[nodiscard]] std::string missing() const { return missing_instructions(needs_); }

  [[nodiscard]] std::string names() const {
    std::string list;
    for (const Variant& variant : variants_) list.append(list.empty() ? "" : ", ").append(variant.name);
    return list;
  }

  [[noreturn]] void raise_without_variant(std::string found) const {
    raise(Error{ErrorCode::invalid_argument, "variant",
                variants_.empty() ? "none, for there is one form only" : "one of " + names(), std::move(found)});
  }

  Instructions needs_ = compiled_instructions();
  AnyEngine (*make_)(Arguments...) = nullptr;
  std::span<const Variant> variants_{};
};

}  // namespace attar
