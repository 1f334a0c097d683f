// SPDX-License-Identifier: MIT
// Leaves networks as headers with constants, and what they compute, in a folder.
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "constants.hpp"
#include <attar/core/rng.hpp>
#include <attar/io/constants_file.hpp>
#include <attar/io/file.hpp>

namespace {

using namespace generated;

/// Random numbers, as large as a network's.
template <class A, class Scheme>
QuantizedNetwork<A, Scheme> random_network(Seed seed) {
  QuantizedNetwork<A, Scheme> network;
  Rng rng{seed};
  for (int i = 0; i < static_cast<int>(A::program.parameters.size()); ++i) {
    if (A::program.parameter(i).role == Role::weight) {
      for (std::int8_t& weight : network.weight(i)) {
        weight = static_cast<std::int8_t>(Scheme::weight_limit * (2 * rng.uniform() - 1));
      }
      for (float& scale : network.weight_scales(i)) scale = 0.002F * (1 + rng.uniform());
    } else {
      for (float& number : network.numbers(i)) number = 0.5F + 0.1F * rng.normal();
    }
  }
  for (float& scale : network.activation_scales()) scale = 0.03F;
  for (std::uint8_t& is_signed : network.signed_values()) is_signed = 1;
  return network;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  const std::filesystem::path folder = argv[1];
  const auto student = random_network<Student, Int8<PerChannel, MinMax>>(Seed{1});
  const auto plain = random_network<Plain, Int8<PerTensor, WeightBits<7>>>(Seed{2});
  Network<Floats> floats{Seed{3}};
  for (float& variance : floats.tensor("1.running_var")) variance = 0.3F;
  std::vector<LayerPrecision> precisions(Student::program.rows.size(), LayerPrecision::int8);
  for (std::size_t row = 0; row < precisions.size(); row += 2) precisions[row] = LayerPrecision::fp32;
  const MixedNetwork mixed{student, Network<Student>{Seed{4}}, std::span<const LayerPrecision>{precisions}};
  write_constants(student, folder / "student.hpp", {.name = "student"});
  write_constants(plain, folder / "plain.hpp", {.name = "plain"});
  write_constants(floats, folder / "floats.hpp", {.name = "floats"});
  write_constants(mixed, folder / "mixed.hpp", {.name = "mixed"});
  auto zero_points = random_network<Student, Int8<Asymmetric>>(Seed{5});
  std::ranges::fill(zero_points.signed_values(), std::uint8_t{0});
  zero_points.zero_points()[0] = 90;
  write_constants(zero_points, folder / "zero_points.hpp", {.name = "zero_points"});
  write_file_atomically(folder / "constants.txt",
                        logits(student) + logits(plain) + logits(floats) + logits(mixed) + logits(zero_points));
}
