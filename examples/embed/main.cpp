// SPDX-License-Identifier: MIT
// Classifies the images of an IDX file with the int8 student: what an application does that embeds a compressed model.
#include <algorithm>
#include <array>
#include <cstddef>
#include <iostream>
#include <vector>

#include "network.hpp"
#include <attar/io/idx.hpp>

namespace {

constexpr std::array names{"T-shirt", "trouser", "pullover", "dress",   "coat",
                           "sandal",  "shirt",   "sneaker",  "handbag", "boot"};

int run(const char* model, const char* images, const char* labels) {
  const attar::PixelEngine engine{attar::load<fashion::SlimInt8>(model), fashion::normalization};
  auto context = engine.make_context();
  const attar::IdxArray pixels = attar::read_idx(images);
  if (pixels.sizes.size() != 3 || pixels.sizes[1] != 28 || pixels.sizes[2] != 28) {
    throw attar::Error{attar::ErrorCode::invalid_data, images, "images of 28 x 28 pixels", "others"};
  }
  const auto count = static_cast<std::size_t>(pixels.sizes[0]);
  std::vector<int> truth;
  if (labels != nullptr) {
    const attar::IdxArray read = attar::read_idx(labels);
    truth.assign(read.values.begin(), read.values.end());
    if (truth.size() != count) {
      throw attar::Error{attar::ErrorCode::invalid_data, labels, std::to_string(count) + " labels, one per image",
                         std::to_string(truth.size())};
    }
  }

  std::size_t right = 0;
  for (std::size_t i = 0; i < count; ++i) {
    engine(pixels.values.span().subspan(i * engine.input_size, engine.input_size), context);
    if (!truth.empty()) {
      right += truth[i] == engine.label(context) ? 1 : 0;
    } else {
      const attar::Prediction best = attar::top<1>(engine.logits(context))[0];
      std::cout << i << ' ' << names[static_cast<std::size_t>(best.label)] << ' ' << best.probability << '\n';
    }
  }
  if (!truth.empty()) {
    std::cout << right << " of " << count
              << " right: " << 100.0 * static_cast<double>(right) / static_cast<double>(std::max<std::size_t>(count, 1))
              << " %\n";
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3 || argc > 4) {
    std::cerr << "usage: embed MODEL.safetensors IMAGES.idx[.gz] [LABELS.idx[.gz]]\n";
    return 2;
  }
  try {
    return run(argv[1], argv[2], argc == 4 ? argv[3] : nullptr);
  } catch (const attar::Error& error) {
    std::cerr << "embed: " << error.what() << '\n';
    return 2;
  }
}
