// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include <attar/attar.hpp>

namespace fashion {

/// What was measured of one network.
struct Stage {
  std::string name;
  std::string precision;
  double accuracy = 0;  ///< Percent of the test images.
  std::size_t parameters = 0;
  std::uint64_t multiply_adds = 0;
  std::uintmax_t file_bytes = 0;
  double latency_us = 0;  ///< Median of batch 1 on one thread.
};

/// The whole run.
struct Report {
  std::string dataset = "fashion-mnist";
  std::uint64_t seed = 0;
  double seconds = 0;
  std::string command;
  std::string machine;
  std::vector<Stage> stages;
};

[[nodiscard]] inline nlohmann::ordered_json to_json(const Report& report) {
  nlohmann::ordered_json json{{"dataset", report.dataset}, {"seed", report.seed},
                              {"seconds", report.seconds}, {"command", report.command},
                              {"machine", report.machine}, {"stages", nlohmann::ordered_json::array()}};
  for (const Stage& stage : report.stages) {
    json["stages"].push_back({{"name", stage.name},
                              {"precision", stage.precision},
                              {"accuracy", stage.accuracy},
                              {"parameters", stage.parameters},
                              {"multiply_adds", stage.multiply_adds},
                              {"file_bytes", stage.file_bytes},
                              {"latency_us", stage.latency_us}});
  }
  return json;
}

/// Writes the report as JSON; the old one stays where the new cannot be written.
inline void write_report(const Report& report, const std::filesystem::path& path) {
  write_file_atomically(path, to_json(report).dump(2) + "\n");
}

/// The stages as a table, each compared with the first (the teacher).
[[nodiscard]] inline std::string to_text(const Report& report) {
  Table table{{"network", "precision", "accuracy %", "parameters", "multiply-adds", "file bytes", "smaller",
               "latency us", "faster"},
              2};
  const Stage& teacher = report.stages.front();
  for (const Stage& stage : report.stages) {
    const double smaller = static_cast<double>(teacher.file_bytes) / static_cast<double>(stage.file_bytes);
    table.add({stage.name, stage.precision, fixed(stage.accuracy, 2), grouped(stage.parameters),
               grouped(stage.multiply_adds), grouped(stage.file_bytes), fixed(smaller, 1) + "x",
               fixed(stage.latency_us, 1), fixed(teacher.latency_us / stage.latency_us, 1) + "x"});
  }
  return table.text() + "Latency: batch 1, one thread, median. " + report.machine + ". Seed " +
         std::to_string(report.seed) + ", " + fixed(report.seconds, 0) + " seconds in all.\n";
}

}  // namespace fashion
