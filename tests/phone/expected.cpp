// SPDX-License-Identifier: MIT
// Writes the logits of all images of an IDX file by this machine's engine, for the phone's to be compared with.
//   expected MODEL.safetensors IMAGES.idx[.gz] LOGITS
#include <array>
#include <cstddef>
#include <string>
#include <string_view>

#include "../../examples/embed/network.hpp"
#include <attar/infer.hpp>
#include <attar/io/idx.hpp>

int main(int argc, char** argv) {
  if (argc != 4) return 2;
  const attar::PixelEngine engine{attar::load<fashion::SlimInt8>(argv[1]), fashion::normalization};
  auto context = engine.make_context();
  const attar::IdxArray images = attar::read_idx(argv[2]);
  std::string logits;
  for (std::size_t i = 0; i < images.values.size(); i += engine.input_size) {
    const auto bytes = std::as_bytes(engine(images.values.span().subspan(i, engine.input_size), context));
    logits.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  }
  attar::write_file_atomically(argv[3], logits);
}
