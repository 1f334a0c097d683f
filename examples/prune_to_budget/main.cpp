// SPDX-License-Identifier: MIT
// A network of Fashion-MNIST is narrowed until one image takes at most so many microseconds on this machine.
//
//     prune_to_budget --microseconds 80 --out slim
//
// leaves slim/slim.hpp, the architecture that was found, and slim/slim.safetensors, its weights. Another program
// includes the one and loads the other: load<Network<Slim>>("slim.safetensors").
#include <cstddef>
#include <cstdint>
#include <exception>
#include <filesystem>
#include <iostream>
#include <optional>
#include <string>

#include <CLI/CLI.hpp>

#include "network.hpp"
#include <attar/attar.hpp>

namespace prune_to_budget {
namespace {

struct Options {
  std::optional<double> microseconds;  ///< If not given: half of what the whole network takes.
  std::filesystem::path weights;
  std::filesystem::path out = "prune_to_budget_out";
  std::filesystem::path data;
  std::size_t images = 60'000;
  int epochs = 4;
  int fine_tune = 4;
  std::uint64_t seed = 1;
};

using Objective = Distill<SoftTargets<Temperature<4>, Weight<9, 10>>, HardLabels<Weight<1, 10>>>;

auto trainer(const Options& options, const std::string& title, int epochs, double rate) {
  return Trainer{
      Sgd{.rate = rate, .momentum = 0.9, .nesterov = true, .weight_decay = 5e-4, .decay_norms_and_biases = false},
      OneCycle{.peak_at = 0.25}, Epochs{epochs}, TrainOptions{.seed = Seed{options.seed}, .title = title}};
}

Network<Wide> whole_network(const Options& options, const Dataset& train) {
  if (!options.weights.empty()) return load<Network<Wide>>(options.weights);
  Network<Wide> network{Seed{options.seed}};
  trainer(options, "whole", options.epochs, 0.1).fit(network, train, HardLabels<>{});
  return network;
}

/// What is told of a network: accuracy, multiply-adds, latency on the backend that the search measures.
template <class Model>
double add_row(Table& table, const std::string& name, const Model& model, const Dataset& test) {
  const Engine<Model, DefaultBackend> engine{model};
  const double microseconds = latency_us(engine);
  const Cost cost = detail::cost_of(model.program);
  table.add({name, fixed(evaluate(engine, test), 2), grouped(cost.parameters), grouped(cost.multiply_adds),
             fixed(microseconds, 1)});
  return microseconds;
}

int run(const Options& options) {
  const Split data = datasets::fashion_mnist(options.data);
  const Dataset train = data.train.take(options.images);
  const Network<Wide> network = whole_network(options, train);
  Table table{{"network", "accuracy %", "parameters", "multiply-adds", "microseconds"}};
  const double before = add_row(table, "whole", network, data.test);
  const double wanted = options.microseconds.value_or(before / 2);

  // A little less than is wanted, for measuring is not exact.
  auto found = search_widths<L1Norm, RoundTo<8>>(network, budget::Microseconds{0.97 * wanted});
  reestimate_norms(found.network, train);
  add_row(table, "narrowed", found.network, data.test);
  distill(found.network, teachers(network), train, Objective{}, trainer(options, "narrowed", options.fine_tune, 0.05));
  const double after = add_row(table, "fine-tuned", found.network, data.test);

  std::filesystem::create_directories(options.out);
  write_architecture(found.network, options.out / "slim.hpp", {.name = "Slim"});
  save(found.network, options.out / "slim.safetensors");
  std::cout << table.text() << "Batch 1, one thread, median. Budget " << fixed(wanted, 1)
            << " microseconds: " << (after <= wanted ? "met" : "missed; is the machine busy?")
            << ".\nWritten: " << (options.out / "slim.hpp").string() << " and "
            << (options.out / "slim.safetensors").string() << '\n';
  return 0;
}

/// What the command line says; ends the program where it makes no sense, with exit code 2, and after `--help`.
Options parse(int argc, char** argv) {
  Options options;
  CLI::App app{"Narrows a network of Fashion-MNIST until an image takes at most so many microseconds here"};
  app.add_option("--microseconds", options.microseconds, "the budget (default: half of what the network takes)");
  app.add_option("--weights", options.weights, "file of the whole network, which is trained else");
  app.add_option("--out", options.out, "folder for slim.hpp and slim.safetensors")->capture_default_str();
  app.add_option("--data", options.data, "folder with the four IDX files (default: ATTAR_DATA, then Debian's package)");
  app.add_option("--images", options.images, "training images that are used")->capture_default_str();
  app.add_option("--epochs", options.epochs, "of the whole network")->capture_default_str();
  app.add_option("--fine-tune", options.fine_tune, "epochs of the narrowed network")->capture_default_str();
  app.add_option("--seed", options.seed, "of everything random")->capture_default_str();
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    std::exit(app.exit(error) == 0 ? 0 : 2);
  }
  return options;
}

}  // namespace
}  // namespace prune_to_budget

int main(int argc, char** argv) {
  const auto options = prune_to_budget::parse(argc, argv);
  attar::stop_politely_on_signals();
  try {
    return prune_to_budget::run(options);
  } catch (const attar::Error& error) {
    std::cerr << "prune_to_budget: " << error.what() << '\n';
    return error.code() == attar::ErrorCode::interrupted ? 130 : 2;
  } catch (const std::exception& error) {
    std::cerr << "prune_to_budget: " << error.what() << '\n';
    return 2;
  }
}
