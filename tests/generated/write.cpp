// SPDX-License-Identifier: MIT
// Narrows a network at run time and leaves its header, its weights and its outputs in a folder.
#include <filesystem>

#include "network.hpp"
#include <attar/io/architecture_file.hpp>
#include <attar/io/model_file.hpp>
#include <attar/prune/width_search.hpp>

int main(int argc, char** argv) {
  using namespace generated;
  if (argc != 2) return 2;
  const std::filesystem::path folder = argv[1];
  Network<Wide> wide{Seed{6}};
  // Norms that do something, and the second copy of the repeated block worth less than the first.
  for (const Parameter& parameter : Wide::program.parameters) {
    const auto tensor = wide.tensor(parameter.name.view());
    if (parameter.rank == 1) {
      for (std::size_t i = 0; i < tensor.size(); ++i) tensor[i] += 0.1F * static_cast<float>(i % 5);
    }
  }
  const auto filters = wide.tensor("3.1.main.0.0.weight");
  for (float& weight : filters.first(filters.size() / 2)) weight *= 0.01F;
  const auto found =
      search_widths<L1Norm, RoundTo<4>>(wide, budget::MultiplyAdds{0.6 * budget::MultiplyAdds{}.spent(Wide::program)});
  const std::filesystem::path text = folder / "generated_network.hpp";
  write_architecture(found.network, text, {.name = "Generated"});
  save(found.network, folder / "generated.safetensors");
  write_file_atomically(folder / "generated.txt", bits(run(found.network.program, found.network.buffer())));
  // All widths of a Repeat would be alike, did the search not tell its copies apart.
  return found.network.widths()[1] != found.network.widths()[3] ? 0 : 1;
}
