// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <rapidjson/error/en.h>
#include <rapidjson/memorystream.h>
#include <rapidjson/reader.h>

#include <attar/core/error.hpp>
#include <attar/detail/compiled.hpp>
#include <attar/io/file.hpp>
#include <attar/io/safetensors_format.hpp>
#include <attar/io/safetensors_header.hpp>

namespace attar::detail {

/// Takes the events of the JSON parser and accepts nothing but the header's grammar, so that no tree is ever built and
/// neither depth nor duplicate keys need to be bounded elsewhere: {"__metadata__": {text: text...}, name: {"dtype":
/// text, "shape": [sizes], "data_offsets": [begin, end]}...}. RapidJSON prescribes the names of the events.
class SafetensorsHandler : public rapidjson::BaseReaderHandler<rapidjson::UTF8<>, SafetensorsHandler> {
 public:
  explicit SafetensorsHandler(std::string subject) : subject_{std::move(subject)} {}

  [[nodiscard]] SafetensorsHeader take() { return std::move(header_); }

  bool Key(const char* begin, rapidjson::SizeType size, bool) {
    const std::string_view text{begin, size};
    if (place_ == Place::tensor) {
      field_ = text == "dtype" ? Field::dtype : text == "shape" ? Field::shape : Field::offsets;
      if (field_ == Field::offsets && text != "data_offsets") fail("dtype, shape or data_offsets", quoted(text));
      if (std::exchange(seen_[static_cast<std::size_t>(field_)], true)) fail("each key once", quoted(text) + " twice");
    } else if (place_ == Place::metadata && header_.metadata.contains(std::string{text})) {
      fail("each metadata key once", quoted(text) + " twice");
    } else if (place_ == Place::file && text == "__metadata__" && std::exchange(header_.has_metadata, true)) {
      fail("one __metadata__", "it twice");
    }
    (place_ == Place::file ? name_ : key_) = text;
    return true;
  }

  bool StartObject() {
    if (place_ == Place::outside) {
      place_ = Place::file;
    } else if (place_ == Place::file && name_ == "__metadata__") {
      place_ = Place::metadata;
    } else if (place_ == Place::file) {
      place_ = Place::tensor;
      seen_ = {};
      header_.tensors.emplace_back().name = name_;
    } else {
      unexpected("an object");
    }
    return true;
  }

  bool EndObject(rapidjson::SizeType) {
    if (place_ == Place::tensor && !(seen_[0] && seen_[1] && seen_[2]))
      fail("dtype, shape and data_offsets", "one of them missing");
    place_ = place_ == Place::file ? Place::outside : Place::file;
    return true;
  }

  bool StartArray() {
    if (place_ != Place::tensor || field_ == Field::dtype) unexpected("an array");
    place_ = field_ == Field::shape ? Place::shape : Place::offsets;
    offsets_read_ = 0;
    return true;
  }

  bool EndArray(rapidjson::SizeType) {
    if (place_ == Place::offsets && offsets_read_ != 2) fail("two data_offsets", std::to_string(offsets_read_));
    place_ = Place::tensor;
    return true;
  }

  bool String(const char* begin, rapidjson::SizeType size, bool) {
    const std::string_view text{begin, size};
    if (place_ == Place::metadata) {
      header_.metadata.emplace(key_, text);
    } else if (place_ == Place::tensor && field_ == Field::dtype) {
      tensor().type = find_type(text);
      if (tensor().type == nullptr) fail("a dtype of safetensors", quoted(text), ErrorCode::unsupported);
    } else {
      unexpected("a text");
    }
    return true;
  }

  bool RawNumber(const char* begin, rapidjson::SizeType size, bool) {
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(begin, begin + size, value);
    if (error != std::errc{} || end != begin + size || (place_ != Place::shape && place_ != Place::offsets)) {
      unexpected("the number " + printable({begin, size}));
    } else if (place_ == Place::shape) {
      if (value > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()))
        fail("sizes below 2^63", std::to_string(value));
      if (tensor().shape.size() == most_dimensions)
        fail("at most " + std::to_string(most_dimensions) + " dimensions", "more", ErrorCode::unsupported);
      tensor().shape.push_back(static_cast<std::int64_t>(value));
    } else {
      if (offsets_read_ == 2) fail("two data_offsets", "more");
      (offsets_read_++ == 0 ? tensor().begin : tensor().end) = value;
    }
    return true;
  }

  bool Bool(bool value) { return unexpected(value ? "true" : "false"); }
  bool Null() { return unexpected("null"); }

 private:
  enum class Place { outside, file, metadata, tensor, shape, offsets };
  enum class Field { dtype, shape, offsets };
  static constexpr std::size_t most_dimensions = 64;  // As NumPy; it bounds the memory that a header can ask for.

  [[nodiscard]] TensorDescription& tensor() { return header_.tensors.back(); }
  [[nodiscard]] static std::string quoted(std::string_view text) { return "'" + printable(text) + "'"; }

  [[noreturn]] void fail(std::string expected, std::string found, ErrorCode code = ErrorCode::file_damaged) const {
    const bool in_tensor = place_ == Place::tensor || place_ == Place::shape || place_ == Place::offsets;
    raise(Error{code, in_tensor ? tensor_subject(subject_, name_) : subject_, std::move(expected), std::move(found)});
  }

  /// A value of a kind that cannot stand here.
  bool unexpected(const std::string& found) const {
    switch (place_) {
      case Place::outside:
        fail("a header that is a JSON object", found);
      case Place::file:
        fail("an object for " + quoted(name_), found);
      case Place::metadata:
        fail("a text for the metadata key " + quoted(key_), found);
      case Place::tensor:
        fail(field_ == Field::dtype ? "a text as dtype" : "an array of sizes", found);
      case Place::shape:
        fail("sizes in shape", found);
      case Place::offsets:
        fail("sizes in data_offsets", found);
    }
    return false;
  }

  std::string subject_;
  SafetensorsHeader header_;
  Place place_ = Place::outside;
  Field field_ = Field::dtype;
  std::array<bool, 3> seen_{};
  std::size_t offsets_read_ = 0;
  std::string name_;
  std::string key_;
};

[[nodiscard, gnu::cold]] inline SafetensorsHeader parse_json(std::string_view text, const std::string& subject) {
  SafetensorsHandler handler{subject};
  rapidjson::MemoryStream stream{text.data(), text.size()};
  rapidjson::Reader reader;
  constexpr unsigned strictly = rapidjson::kParseValidateEncodingFlag | rapidjson::kParseNumbersAsStringsFlag;
  const rapidjson::ParseResult result = reader.Parse<strictly>(stream, handler);
  const auto fail = [&](std::size_t position, const std::string& found) {
    raise(Error{ErrorCode::file_damaged, subject, "a JSON header in UTF-8",
                "at its byte " + std::to_string(position) + " " + found});
  };
  if (result.IsError()) fail(result.Offset(), rapidjson::GetParseError_En(result.Code()));
  if (stream.Tell() != text.size()) fail(stream.Tell(), "a zero");  // That the parser takes for the end.
  return handler.take();
}

/// The bytes that a tensor needs; empty where they are no whole number or exceed 64 bits.
[[nodiscard, gnu::cold]] inline std::optional<std::uint64_t> tensor_bytes(const TensorDescription& tensor) {
  std::uint64_t bits = tensor.type->bits;
  for (const std::int64_t size : tensor.shape) {
    if (__builtin_mul_overflow(bits, static_cast<std::uint64_t>(size), &bits)) return std::nullopt;
  }
  if (bits % 8 != 0) return std::nullopt;
  return bits / 8;
}

/// The tensors by `comes_first`. One kind of sorting for all orders, of pointers: that is less to compile.
[[nodiscard, gnu::cold]] inline std::vector<TensorDescription*> in_order(
    std::vector<TensorDescription>& tensors, bool (*comes_first)(const TensorDescription*, const TensorDescription*)) {
  std::vector<TensorDescription*> order;
  for (TensorDescription& tensor : tensors) order.push_back(&tensor);
  std::sort(order.begin(), order.end(), comes_first);
  return order;
}

/// Sorts the tensors by name, of which each may be there once.
[[gnu::cold]] inline void sort_by_name(std::vector<TensorDescription>& tensors, const std::string& subject) {
  std::vector<TensorDescription> sorted;
  sorted.reserve(tensors.size());
  for (TensorDescription *const tensor :
       in_order(tensors, [](const TensorDescription* a, const TensorDescription* b) { return a->name < b->name; })) {
    if (!sorted.empty() && sorted.back().name == tensor->name)
      raise(Error{ErrorCode::file_damaged, tensor_subject(subject, tensor->name), "each name once", "it twice"});
    sorted.push_back(std::move(*tensor));
  }
  tensors = std::move(sorted);
}

/// Holds the tensors' places against their types and shapes and against each other: from the first byte to the last
/// each belongs to exactly one tensor. (Tensors without elements own no byte and may stand between any two.)
[[gnu::cold]] inline void check_layout(SafetensorsHeader& header, std::uint64_t data_bytes,
                                       const std::string& subject) {
  std::uint64_t position = 0;
  for (const auto* tensor : in_order(header.tensors, [](const TensorDescription* a, const TensorDescription* b) {
         return a->begin != b->begin ? a->begin < b->begin : a->end < b->end;
       })) {
    const auto require = [&](bool condition, const auto& expected) {
      if (condition) return;
      raise(Error{ErrorCode::file_damaged, tensor_subject(subject, tensor->name), expected(),
                  "the bytes " + std::to_string(tensor->begin) + " to " + std::to_string(tensor->end)});
    };
    require(tensor->begin == position,
            [&] { return "data from byte " + std::to_string(position) + ", without gap or overlap"; });
    require(tensor->begin <= tensor->end && tensor->end <= data_bytes,
            [&] { return "data within the " + std::to_string(data_bytes) + " bytes after the header"; });
    const auto bytes = tensor_bytes(*tensor);
    require(bytes.has_value(), [] { return "a size, by dtype and shape, in whole bytes below 2^61"; });
    require(*bytes == tensor->end - tensor->begin,
            [&] { return std::to_string(*bytes) + " bytes of data by dtype and shape"; });
    position = tensor->end;
  }
  if (position != data_bytes)
    raise(Error{ErrorCode::file_damaged, subject, std::to_string(position) + " bytes after the header",
                std::to_string(data_bytes)});
}

[[gnu::cold]] ATTAR_INLINE SafetensorsHeader parse_header(std::string_view text, std::uint64_t data_bytes,
                                                          const std::string& subject) {
  if (!text.starts_with('{'))
    raise(Error{ErrorCode::file_damaged, subject, "a header that begins with '{'",
                text.empty() ? "an empty one" : "'" + printable(text.substr(0, 1)) + "'"});
  if (const auto last = text.find_last_not_of(' '); text[last] != '}')
    raise(Error{ErrorCode::file_damaged, subject, "a header that ends with '}' and spaces",
                "'" + printable(text.substr(last, 1)) + "'"});
  auto header = parse_json(text, subject);
  sort_by_name(header.tensors, subject);
  check_layout(header, data_bytes, subject);
  return header;
}

}  // namespace attar::detail
