// SPDX-License-Identifier: MIT
// Microseconds per image, batch 1, one thread, of the zoo's networks in float, in int8 with weights of 8, 7
// and (embedded) 6 bits, and in the fastest mix of int8 and float layers. Weights are random, which changes no time:
//
//     embedded/fp32/resnet20         embedded/int8/resnet20       embedded/mixed/resnet20
//     embedded/int8_7bit/resnet20    embedded/int8_6bit/resnet20
//     onednn/fp32/resnet20           onednn/int8/resnet20         onednn/mixed/resnet20
//     onednn/int8_7bit/resnet20
//
// and at the end a table of how many times faster than float each is. Rows that take turns are compared fairly on a
// machine whose clock changes:
//
//     bench_quantize --benchmark_enable_random_interleaving=true --benchmark_repetitions=9
//
// `--benchmark_filter=/resnet20/` picks rows; `--profile embedded/resnet20` says what each step costs, and why the mix
// is as it is.
#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <benchmark/benchmark.h>

#include "inference_rows.hpp"
#include "quantize_rows.hpp"

namespace {

/// Prints rows as ever, and keeps their times.
class Summary : public benchmark::ConsoleReporter {
 public:
  void ReportRuns(const std::vector<Run>& runs) override {
    ConsoleReporter::ReportRuns(runs);
    for (const Run& run : runs) {
      const bool median_of_several = run.run_type == Run::RT_Aggregate && run.aggregate_name == "median";
      if (run.iterations == 0 || (run.run_type != Run::RT_Iteration && !median_of_several)) continue;
      times_[row_of(run.run_name.function_name)][precision_of(run.run_name.function_name)].push_back(
          run.GetAdjustedRealTime());
    }
  }

  /// The medians, and the ratios to float.
  void print_table() const {
    std::printf("\n%-34s %10s %8s %8s %8s %8s\n", "fp32 us, and how many times faster", "fp32", "int8", "7 bits",
                "6 bits", "mixed");
    for (const auto& [row, times] : times_) {
      const auto us = [&](const char* precision) {
        const auto found = times.find(precision);
        return found == times.end() ? 0.0 : median(found->second);
      };
      const auto ratio = [&](double time) { return time > 0 ? us("fp32") / time : 0.0; };
      std::printf("%-34s %10.1f %7.2fx %7.2fx %7.2fx %7.2fx\n", row.c_str(), us("fp32"), ratio(us("int8")),
                  ratio(us("int8_7bit")), ratio(us("int8_6bit")), ratio(us("mixed")));
    }
  }

 private:
  /// "embedded/int8/resnet20" is the row "embedded/resnet20" and the precision "int8".
  static std::string precision_of(const std::string& name) {
    const std::size_t begin = name.find('/') + 1;
    return name.substr(begin, name.find('/', begin) - begin);
  }
  static std::string row_of(const std::string& name) {
    return name.substr(0, name.find('/')) + name.substr(name.rfind('/'));
  }
  static double median(std::vector<double> times) {
    std::ranges::sort(times);
    return times[times.size() / 2];
  }

  std::map<std::string, std::map<std::string, std::vector<double>>> times_;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc == 3 && std::string_view{argv[1]} == "--profile") {
    const auto found = quantize_rows::profiles().find(argv[2]);
    if (found == quantize_rows::profiles().end()) {
      for (const auto& [name, print] : quantize_rows::profiles()) std::printf("%s\n", name.c_str());
      return 1;
    }
    found->second();
    return 0;
  }
  inference_rows::add_context();
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  Summary summary;
  benchmark::RunSpecifiedBenchmarks(&summary);
  summary.print_table();
}
