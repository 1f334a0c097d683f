// SPDX-License-Identifier: MIT
// Writes the models of models.hpp as int8 files with random weights, small.safetensors and so on:
//
//     write_models FOLDER
#include <filesystem>
#include <iostream>
#include <string>
#include <vector>

#include "models.hpp"
#include <attar/core/error.hpp>
#include <attar/core/rng.hpp>
#include <attar/io/model_file.hpp>
#include <attar/model/network.hpp>
#include <attar/quantize/quantize.hpp>

namespace {

using namespace attar;  // NOLINT

template <class Model>
void write(const std::filesystem::path& file) {
  std::vector<float> images(16 * Model::input_shape.size());
  Rng rng{Seed{2}};
  for (float& x : images) x = rng.uniform();
  save(quantize<Int8<>>(Network<Model>{Seed{1}}, images), file);
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 2) {
    std::cerr << "usage: write_models FOLDER\n";
    return 2;
  }
  const std::filesystem::path folder{arguments[1]};
  try {
    std::filesystem::create_directories(folder);
    write<models::Small>(folder / "small.safetensors");
    write<models::ResNet20>(folder / "resnet20.safetensors");
    write<models::Mobile>(folder / "mobile.safetensors");
  } catch (const std::exception& error) {
    std::cerr << "write_models: " << error.what() << '\n';
    return 1;
  }
  return 0;
}
