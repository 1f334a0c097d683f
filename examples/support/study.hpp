// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "command_line.hpp"
#include <attar/attar.hpp>

/// Experiments with several seeds: what the examples and the studies that compare ways to teach have in common.
namespace study {

/// One way to teach, over all seeds.
struct Row {
  std::string name;
  std::vector<double> accuracies{};  ///< Percent, one per seed.
  double seconds = 0;                ///< Mean time of a run.
};

/// The results of a study.
class Results {
 public:
  /// Adds a run of `name` that began at `start`.
  void add(const std::string& name, double accuracy, std::chrono::steady_clock::time_point start) {
    Row& row = find(name);
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    const auto runs = static_cast<double>(row.accuracies.size());
    row.seconds = (row.seconds * runs + seconds) / (runs + 1);
    row.accuracies.push_back(accuracy);
  }

  [[nodiscard]] const std::vector<Row>& rows() const noexcept { return rows_; }
  [[nodiscard]] Row& find(const std::string& name) {
    for (Row& row : rows_) {
      if (row.name == name) return row;
    }
    return rows_.emplace_back(Row{name});
  }

  /// The rows as a table, each compared with the row `base`.
  [[nodiscard]] std::string to_text(const std::string& base) const {
    attar::Table table{{"name", "seeds", "mean %", "spread", "gain", "seconds"}};
    double standard = 0;
    for (const Row& row : rows_) {
      if (row.name == base) standard = attar::spread(row.accuracies).mean;
    }
    for (const Row& row : rows_) {
      const attar::Spread of = attar::spread(row.accuracies);
      table.add({row.name, std::to_string(row.accuracies.size()), attar::fixed(of.mean, 2),
                 attar::fixed(of.deviation, 2), attar::fixed(of.mean - standard, 2), attar::fixed(row.seconds, 0)});
    }
    return table.text();
  }

  /// Writes the rows as JSON with the command that made them and the machine.
  void write(const std::filesystem::path& path, const std::string& command) const {
    nlohmann::ordered_json json{{"dataset", "fashion-mnist"}, {"command", command}};
    json["machine"] = attar::describe_machine();
    json["rows"] = nlohmann::ordered_json::array();
    for (const Row& row : rows_) {
      const attar::Spread of = attar::spread(row.accuracies);
      json["rows"].push_back({{"name", row.name},
                              {"seeds", row.accuracies.size()},
                              {"mean", of.mean},
                              {"spread", of.deviation},
                              {"seconds", row.seconds},
                              {"accuracies", row.accuracies}});
    }
    attar::write_file_atomically(path, json.dump(2) + "\n");
  }

 private:
  std::vector<Row> rows_;
};

/// How a study is run.
struct Options {
  int seeds = 3;
  int epochs = 8;  ///< Of every student.
  int teacher_epochs = 8;
  std::size_t images = 60'000;
  bool validate = false;            ///< Measure on 5,000 held-out training images, to choose hyperparameters.
  std::filesystem::path out;        ///< The report; none is written where it is empty.
  std::vector<std::string> only{};  ///< Names of the rows to run; empty: all.
  std::string command{};

  [[nodiscard]] bool wants(const std::string& name) const {
    return only.empty() || std::ranges::find(only, name) != only.end();
  }
};

/// The options that all studies have.
inline void add_options(CLI::App& app, Options& options) {
  app.add_option("--seeds", options.seeds, "how many, from 1")->check(CLI::PositiveNumber)->capture_default_str();
  app.add_option("--epochs", options.epochs, "of the networks that are compared")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  app.add_option("--images", options.images, "training images used")->capture_default_str();
  app.add_flag("--validate", options.validate, "measure on 5,000 held-out training images, to choose hyperparameters");
  app.add_option("--out", options.out, "JSON file for the results");
  app.add_option("--only", options.only, "these rows alone")->delimiter(',');
}

/// Reads the command line; ends the program where it makes no sense, with exit code 2, and after `--help`.
inline void read(CLI::App& app, int argc, char** argv, Options& options) {
  options.command = command_line(argc, argv);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    std::exit(app.exit(error) == 0 ? 0 : 2);
  }
}

/// What the command line of a study with teachers says.
[[nodiscard]] inline Options parse(int argc, char** argv, const std::string& description) {
  Options options;
  CLI::App app{description};
  add_options(app, options);
  app.add_option("--teacher-epochs", options.teacher_epochs, "of every teacher")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  read(app, argc, argv, options);
  return options;
}

/// Training and measuring images; with `validate`, 5,000 of the training images play the test set.
[[nodiscard]] inline attar::Split images(const Options& options) {
  attar::Split data = attar::datasets::fashion_mnist();
  if (options.validate) {
    const attar::Dataset shuffled = data.train.shuffled(attar::Seed{1});
    data = {shuffled.drop(5'000), shuffled.take(5'000)};
  }
  return {data.train.take(options.images), data.test};
}

template <int Width, class... More>
using Block = attar::Stack<attar::Conv2d<Width, attar::Kernel<3>, More...>, attar::BatchNorm2d, attar::ReLU>;

}  // namespace study
