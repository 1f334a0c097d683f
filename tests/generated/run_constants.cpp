// SPDX-License-Identifier: MIT
// Runs networks that are compiled in, and compares what they compute with what the networks did, bit by bit.
#include <filesystem>
#include <iostream>
#include <string>

#include "constants.hpp"
#include "floats.hpp"
#include "mixed.hpp"
#include "plain.hpp"
#include "student.hpp"
#include "zero_points.hpp"

int main(int argc, char** argv) {
  using namespace generated;
  if (argc != 2) return 2;
  const AlignedBuffer<std::byte> expected = read_file(std::filesystem::path{argv[1]} / "constants.txt");
  const std::string found = logits(student::network) + logits(plain::network) + logits(floats::network) +
                            logits(mixed::network) + logits(zero_points::network);
  const bool same = found == std::string{reinterpret_cast<const char*>(expected.data()), expected.size()};
  std::cout << (same ? "equal" : "not equal") << " to the last bit:\n" << found;
  return same ? 0 : 1;
}
