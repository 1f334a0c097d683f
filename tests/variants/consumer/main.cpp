// SPDX-License-Identifier: MIT
// Runs every variant that this CPU can run, and says which it takes. All that fails is an error of its own.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <iostream>
#include <span>
#include <string>
#include <vector>

#include "models.hpp"
#include "student.hpp"
#include <attar/core/rng.hpp>
#include <attar/infer/engine.hpp>

namespace {

using namespace attar;

/// The sentence of the error that `body` throws; empty if it throws none.
template <class Body>
std::string error_of(ErrorCode code, Body&& body) {
  try {
    body();
  } catch (const Error& error) {
    return error.code() == code ? error.what() : "";
  }
  return "";
}

std::vector<float> logits(const AnyEngine& engine, std::span<const float> image) {
  auto context = engine.make_context();
  const auto numbers = engine(image, context);
  return {numbers.begin(), numbers.end()};
}

/// Every variant gives the bits of an engine that was compiled for no CPU in particular.
bool int8_is_equal_everywhere() {
  const Engine plain{student::network};
  auto context = plain.make_context();
  std::vector<float> image(plain.input_size);
  Rng rng{Seed{3}};
  for (float& number : image) number = static_cast<float>(rng.below(1000)) / 500 - 1;
  const auto expected = plain(image, context);
  int ran = 0;
  for (const auto& variant : app::int8.variants()) {
    const std::string missing = error_of(ErrorCode::unsupported, [&] {
      const AnyEngine engine = variant.make(Threads{1});
      ran += std::ranges::equal(logits(engine, image), expected) ? 1 : -1000;
    });
    std::cout << variant.name << ": " << (missing.empty() ? "runs" : missing) << '\n';
  }
  return ran > 0 && std::ranges::equal(logits(app::int8.make(Threads{4}), image), expected);
}

bool floats_are_near() {
  const Network<app::Net> network{Seed{1}};
  const Normalization normalization{{0.5F, 0.4F, 0.3F}, {0.2F, 0.3F, 0.4F}};
  const AnyEngine engine = float_model.make(network, normalization);
  const Engine plain{network};
  auto context = plain.make_context();
  const std::vector<float> image(plain.input_size, 0.5F);
  const auto expected = plain(image, context);
  const std::vector<float> found = logits(engine, image);
  const std::string bad = error_of(ErrorCode::invalid_data, [&] {
    (void)float_model.make(network, Normalization{{0.5F, 0.4F, 0.3F}, {0.2F, 0.3F, 0.0F}});
  });
  std::cout << "refused within a variant: " << bad << '\n';
  return !bad.empty() && std::ranges::equal(found, expected, [](float a, float b) { return std::abs(a - b) < 1e-4F; });
}

}  // namespace

int main() {
  std::cout << "takes " << app::int8.best().name << '\n';
  if (!int8_is_equal_everywhere()) return 1;
  const std::string none = error_of(ErrorCode::unsupported, [] { (void)float_model.best(); });
  std::cout << "floats: " << (none.empty() ? float_model.best().name : none) << '\n';
  if (none.empty() && !floats_are_near()) return 2;
  std::cout << "all as it should be\n";
}
