// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include <gtest/gtest.h>
#include <zlib.h>

namespace attar::test {

/// The text as gzip packs it.
[[nodiscard]] inline std::string packed(std::string_view text) {
  z_stream stream{};
  EXPECT_EQ(deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY), Z_OK);
  std::string result(deflateBound(&stream, static_cast<uLong>(text.size())), '\0');
  std::string input{text};
  stream.next_in = reinterpret_cast<Bytef*>(input.data());
  stream.avail_in = static_cast<uInt>(input.size());
  stream.next_out = reinterpret_cast<Bytef*>(result.data());
  stream.avail_out = static_cast<uInt>(result.size());
  EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  result.resize(stream.total_out);
  deflateEnd(&stream);
  return result;
}

/// An IDX file of unsigned bytes.
[[nodiscard]] inline std::string raw_idx(std::initializer_list<unsigned> sizes, std::string_view values,
                                         char type = 8) {
  std::string file{'\0', '\0', type, static_cast<char>(sizes.size())};
  for (const unsigned size : sizes) {
    for (const unsigned shift : {24U, 16U, 8U, 0U}) file += static_cast<char>(size >> shift & 255U);
  }
  return file.append(values);
}

}  // namespace attar::test
