// SPDX-License-Identifier: MIT
// Loads the weights into the type of the generated header and compares its outputs with those of the network at run
// time, bit by bit.
#include <filesystem>
#include <iostream>

#include "generated_network.hpp"
#include "network.hpp"
#include <attar/io/file.hpp>
#include <attar/io/model_file.hpp>

int main(int argc, char** argv) {
  using namespace generated;
  if (argc != 2) return 2;
  const std::filesystem::path folder = argv[1];
  static_assert(Generated::program.parameters.size() == Wide::program.parameters.size());
  const auto network = load<Network<Generated>>(folder / "generated.safetensors");
  const auto expected = read_file(folder / "generated.txt");
  const std::string found = bits(run(network.program, network.buffer()));
  const bool same = found == std::string{reinterpret_cast<const char*>(expected.data()), expected.size()};
  std::cout << (same ? "equal" : "not equal") << " to the last bit:\n" << found;
  return same ? 0 : 1;
}
