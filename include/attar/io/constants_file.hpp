// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <attar/core/error.hpp>
#include <attar/detail/constant_checksum.hpp>
#include <attar/detail/constant_words.hpp>
#include <attar/io/architecture_file.hpp>
#include <attar/io/file.hpp>
#include <attar/model/fold_batch_norm.hpp>
#include <attar/model/int8_model.hpp>
#include <attar/model/layer_precision.hpp>
#include <attar/model/mixed_model.hpp>
#include <attar/model/mixed_network.hpp>
#include <attar/model/named_tensors.hpp>
#include <attar/model/network.hpp>
#include <attar/model/quantization_aware.hpp>
#include <attar/model/quantized_network.hpp>
#include <attar/model/spelling.hpp>

namespace attar {

/// How the constants of a network are written to a header.
struct ConstantsHeader {
  std::string name = "constants";  ///< The namespace of the constant `network` and of what it consists of.
};

namespace detail {

/// The shortest decimal that is read back as the same float.
inline std::string constant_text(float number) {
  std::array<char, 32> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  std::string text{digits.data(), end};
  if (text.find_first_of(".e") == text.npos) text += ".0";
  return text + 'F';
}
inline std::string constant_text(std::uint8_t number) {
  return std::to_string(number);
}
inline std::string constant_text(std::uint64_t word) {
  std::array<char, 16> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), word, 16).ptr;
  return "0x" + std::string{digits.data(), end};
}

template <class T>
constexpr std::string_view constant_type = "float";
template <>
inline constexpr std::string_view constant_type<std::uint8_t> = "std::uint8_t";
template <>
inline constexpr std::string_view constant_type<std::uint64_t> = "std::uint64_t";

/// The text of a header with constants, part by part.
class ConstantsText {
 public:
  ConstantsText(const Program& program, const Spelled& architecture, std::string_view model, std::string name)
      : text_{cost_comment(program) + include_text({model}) + "\n#include <cstdint>\n\nnamespace " + name + " {\n\n" +
              alias_text(architecture, program, "Architecture")},
        name_{std::move(name)} {}

  /// An array of these numbers, which the header checks when it is compiled.
  template <class T>
  void add(const std::string& name, std::vector<T> numbers) {
    if (numbers.empty()) numbers.push_back(T{});
    text_.append("\nalignas(64) inline constexpr ").append(constant_type<T>).append(" ").append(name);
    text_ += '[' + std::to_string(numbers.size()) + "] = {" + lines_of(numbers) + "};\nstatic_assert(" +
             "attar::detail::constant_checksum<" + name + "> == " + constant_text(checksum_of<T>(numbers)) +
             "U,\n              \"" + name + " are not as they were written\");\n";
    names_ += (names_.empty() ? "" : ", ") + name;
  }

  /// The whole, where `type` is that of the network.
  [[nodiscard]] std::string finish(const std::string& type) && {
    return std::move(text_) + "\ninline constexpr " + type + " network{" + names_ + "};\n\n}  // namespace " + name_ +
           '\n';
  }

 private:
  static constexpr std::size_t width = 120;

  template <class T>
  static std::string lines_of(const std::vector<T>& numbers) {
    std::string text;
    std::size_t line = width;
    for (const T number : numbers) {
      const std::string item = constant_text(number) + ',';
      if (line + item.size() > width) {
        text += '\n';
        line = 0;
      }
      text += item;
      line += item.size();
    }
    return text;
  }

  std::string text_;
  std::string name_;
  std::string names_;
};

/// Any numbers as words of eight bytes.
template <class T>
std::vector<std::uint64_t> words_of(std::span<const T> numbers) {
  std::vector<std::uint64_t> words(constant_words(numbers.size_bytes()));
  if (!numbers.empty()) std::memcpy(words.data(), numbers.data(), numbers.size_bytes());
  return words;
}

template <class T>
std::vector<T> vector_of(std::span<const T> numbers) {
  return {numbers.begin(), numbers.end()};
}

/// What a scheme says of inference: how it was calibrated is not needed.
template <class Scheme>
std::string scheme_text() {
  const std::string bits = std::to_string(Scheme::Bits::bits);
  return std::string{"attar::Int8<attar::"} + (Scheme::per_channel ? "PerChannel" : "PerTensor") +
         (Scheme::asymmetric ? ", attar::Asymmetric" : "") + (bits == "8" ? "" : ", attar::WeightBits<" + bits + ">") +
         '>';
}

inline void require_finite(std::span<const float> parameters) {
  for (const float number : parameters) {
    if (std::isfinite(number)) continue;
    raise(Error{ErrorCode::invalid_data, "parameters", "finite numbers", std::to_string(number)});
  }
}

}  // namespace detail

/// Writes a quantized network as a header that holds it as constants, so that a program needs no file:
///
///     write_constants(int8, "student.hpp", {.name = "student"});
///
///     #include <attar/infer.hpp>
///     #include "student.hpp"
///     const attar::Engine engine{student::network};
///
/// The compiler refuses a header whose numbers are not as they were written, and one whose architecture is another.
/// Calibrators are not part of it: the type says how to infer. The file is replaced in one step or not at all. Throws
/// `Error`: `invalid_argument` where the name is no identifier, `invalid_data` where a number is not finite or a scale
/// not positive, `file_not_found` or `file_access`.
template <Architecture A, class Scheme>
void write_constants(const QuantizedNetwork<A, Scheme>& network, const std::string& path,
                     const ConstantsHeader& header = {}) {
  detail::require_identifier(header.name);
  const Int8Model model = network.model();
  model.validate();
  detail::ConstantsText text{A::program, spell_architecture<A>(), "model/quantized_constants.hpp", header.name};
  text.add("weights", detail::words_of(model.weights));
  text.add("weight_scales", detail::vector_of(model.weight_scales));
  text.add("floats", detail::vector_of(model.floats));
  text.add("activation_scales", detail::vector_of(model.activation_scales));
  text.add("signed_values", detail::vector_of(model.signed_values));
  if (Scheme::asymmetric) text.add("zero_points", detail::vector_of(model.zero_points));
  write_file_atomically(
      path, std::move(text).finish("attar::QuantizedConstants<Architecture, " + detail::scheme_text<Scheme>() + '>'));
}

/// The same for a network of floats, with its norms folded.
template <Architecture A>
void write_constants(const Network<A>& network, const std::string& path, const ConstantsHeader& header = {}) {
  detail::require_identifier(header.name);
  const auto folded = fold_batch_norm(network);
  using Folded = typename std::remove_cvref_t<decltype(folded)>::ArchitectureType;
  detail::require_finite(folded.buffer());
  detail::ConstantsText text{Folded::program, spell_architecture<Folded>(), "model/network_constants.hpp", header.name};
  text.add("parameters", detail::words_of(folded.buffer()));
  write_file_atomically(path, std::move(text).finish("attar::NetworkConstants<Architecture>"));
}

/// The same for a network with a precision for each layer; each in its precision only.
template <Architecture A, class Scheme>
void write_constants(const MixedNetwork<A, Scheme>& network, const std::string& path,
                     const ConstantsHeader& header = {}) {
  detail::require_identifier(header.name);
  const MixedModel model = network.model();
  model.int8.validate();
  detail::require_finite(model.parameters);
  std::vector<std::byte> bytes;
  std::vector<std::uint8_t> precisions;
  for (const auto& tensor : named_tensors(network)) {
    if (tensor.name != "precision") bytes.insert(bytes.end(), tensor.bytes.begin(), tensor.bytes.end());
  }
  for (const LayerPrecision precision : model.precisions) precisions.push_back(static_cast<std::uint8_t>(precision));
  detail::ConstantsText text{A::program, spell_architecture<A>(), "model/mixed_constants.hpp", header.name};
  text.add("precisions", std::move(precisions));
  text.add("tensors", detail::words_of(std::span<const std::byte>{bytes}));
  write_file_atomically(
      path, std::move(text).finish("attar::MixedConstants<Architecture, " + detail::scheme_text<Scheme>() + '>'));
}

/// A quantization-aware network is written as the int8 network that it simulates.
template <class A, class Scheme, class Rule>
void write_constants(const Network<QuantizationAware<A, Scheme, Rule>>& network, const std::string& path,
                     const ConstantsHeader& header = {}) {
  write_constants(simulated(network), path, header);
}

}  // namespace attar
