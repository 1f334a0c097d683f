// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdio>
#include <vector>

#include "../models.hpp"
#include <attar/infer.hpp>

/// The whole life of a small program: loads an int8 network from the file that is its only argument, classifies one
/// image, prints the label. benchmarks/peers measures how long it takes until there.
template <class Model>
int start(int count, char** arguments) {
  using Int8Model = attar::quantize_t<Model, attar::Int8<>>;
  if (count != 2) {
    std::fputs("one argument: the model's file\n", stderr);
    return 2;
  }
  const attar::Engine<Int8Model, attar::Embedded> engine{attar::load<Int8Model>(arguments[1])};
  auto context = engine.make_context();
  std::vector<float> image(Model::input_shape.size());
  for (std::size_t i = 0; i < image.size(); ++i) image[i] = static_cast<float>(i % 17) / 16;
  std::printf("%d\n", engine.classify(image, context));
  return 0;
}
