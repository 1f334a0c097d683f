// SPDX-License-Identifier: MIT
// What pruning is worth on Fashion-MNIST: accuracy, multiply-adds, latency and file size before and after.
//
//     build/release/benchmarks/pruning_study --seeds 3 --out docs/results/pruning.json
//
// Each seed has a teacher and an original of its own; all fine-tuning is with that teacher. Latencies are those of the
// engine for one image on one thread, of both networks in turns. Ratios and rates were chosen with --validate.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <iostream>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "../examples/support/study.hpp"
#include <attar/attar.hpp>

namespace {

using namespace attar;  // NOLINT: the networks read as a user writes them
using study::Block;

template <int Width>
using BasicBlock = Stack<Residual<Stack<Block<Width>, Conv2d<Width, Kernel<3>>, BatchNorm2d>>, ReLU>;
using Teacher = Sequential<Input<1, 28, 28>, Block<32>, MaxPool2d<2>, BasicBlock<32>, Block<64, Stride<2>>,
                           BasicBlock<64>, Block<128>, BasicBlock<128>, GlobalAvgPool, Linear<10>>;
using Original = Sequential<Input<1, 28, 28>, Block<48>, MaxPool2d<2>, Block<96>, MaxPool2d<2>, Block<192>,
                            GlobalAvgPool, Linear<10>>;

using HalfTheWork = Channels<L1Norm, Keep<7, 10>, RoundTo<16>>;
using Half = prune_channels_t<Original, Keep<7, 10>, RoundTo<16>>;
static_assert(2 * cost<Half>.multiply_adds <= cost<Original>.multiply_adds);

using Objective = Distill<SoftTargets<Temperature<4>, Weight<2, 10>>, HardLabels<>>;

/// One way to prune, over all seeds.
struct Row {
  std::string name;
  std::vector<double> before{}, after{};  ///< Accuracies in percent.
  std::uint64_t multiply_adds = 0;        ///< Of the pruned network, zeros counted.
  std::vector<double> us_before{}, us_after{};
  std::vector<double> bytes{};  ///< Of the pruned network's file.
};

class Study {
  [[nodiscard]] auto trainer(const std::string& name, int epochs, double rate) const {
    return Trainer{
        Sgd{.rate = rate, .momentum = 0.9, .nesterov = true, .weight_decay = 5e-4, .decay_norms_and_biases = false},
        OneCycle{.peak_at = 0.25}, Epochs{epochs}, TrainOptions{.batch_size = 128, .seed = seed_, .title = name},
        FastPrecision{}};
  }

 public:
  explicit Study(const study::Options& options) : options_{options}, data_{study::images(options)} {}

  void run() {
    for (int seed = 1; seed <= options_.seeds; ++seed) {
      seed_ = Seed{static_cast<std::uint64_t>(seed)};
      Network<Teacher> teacher{Seed{seed_.value + 100}};
      trainer("teacher", options_.teacher_epochs, 0.1).fit(teacher, data_.train, HardLabels<>{});
      std::cerr << "teacher: " << fixed(accuracy(teacher), 2) << " %\n";
      const Knowledge known =
          remember(teachers(teacher), data_.train, {.progress = false}, Exactly{}, Taps<>{}, FastPrecision{});
      Network<Original> original{seed_};
      distill(original, known, data_.train, Objective{}, trainer("original", options_.teacher_epochs, 0.1));
      original_accuracy_ = accuracy(original);
      original_bytes_ = bytes(original);
      if (options_.wants("channels_half")) channels(original, known);
      if (options_.wants("unstructured_90")) unstructured(original, known);
      if (options_.wants("blocks_75")) blocks(original, known);
      if (options_.wants("deep_compression")) deep_compression(original, known);
    }
  }

  [[nodiscard]] std::string to_text() const {
    Table table{{"name", "seeds", "before %", "after %", "loss", "multiply-adds", "us", "bytes"}};
    for (const Row& row : rows_) {
      const double before = spread(row.before).mean;
      const double after = spread(row.after).mean;
      table.add({row.name, std::to_string(row.after.size()), fixed(before, 2), fixed(after, 2),
                 fixed(before - after, 2),
                 fixed(static_cast<double>(cost<Original>.multiply_adds) / static_cast<double>(row.multiply_adds), 2) +
                     "x less",
                 fixed(spread(row.us_before).mean / spread(row.us_after).mean, 2) + "x faster",
                 fixed(original_bytes_ / spread(row.bytes).mean, 1) + "x smaller"});
    }
    return table.text();
  }

  void write(const std::filesystem::path& path) const {
    nlohmann::ordered_json json{{"dataset", "fashion-mnist"}, {"command", options_.command}};
    json["machine"] = describe_machine();
    json["rows"] = nlohmann::ordered_json::array();
    for (const Row& row : rows_) {
      json["rows"].push_back({{"name", row.name},
                              {"seeds", row.after.size()},
                              {"accuracy_before", spread(row.before).mean},
                              {"accuracy_after", spread(row.after).mean},
                              {"spread_before", spread(row.before).deviation},
                              {"spread_after", spread(row.after).deviation},
                              {"multiply_adds_before", cost<Original>.multiply_adds},
                              {"multiply_adds_after", row.multiply_adds},
                              {"latency_us_before", spread(row.us_before).mean},
                              {"latency_us_after", spread(row.us_after).mean},
                              {"file_bytes_before", original_bytes_},
                              {"file_bytes_after", spread(row.bytes).mean},
                              {"accuracies_before", row.before},
                              {"accuracies_after", row.after}});
    }
    write_file_atomically(path, json.dump(2) + "\n");
  }

 private:
  void channels(const Network<Original>& original, const Knowledge& known) {
    Network<Half> half = prune<HalfTheWork>(original);
    distill(half, known, data_.train, Objective{}, trainer("channels_half", options_.epochs, 0.05));
    add("channels_half", original, half, cost<Half>.multiply_adds, bytes(half));
  }

  void unstructured(Network<Original> network, const Knowledge& known) {
    const Network<Original> original = network;
    const MaskedNetwork<Original> sparse =
        thin<Sparsity<9, 10>>(network, known, trainer("unstructured_90", options_.epochs, 0.05));
    add("unstructured_90", original, sparse.network, cost<Original>.multiply_adds, compressed_bytes(sparse.network));
  }

  void blocks(Network<Original> network, const Knowledge& known) {
    const Network<Original> original = network;
    const MaskedNetwork<Original> sparse =
        thin<Sparsity<3, 4>, Blocks<16>>(network, known, trainer("blocks_75", options_.epochs, 0.05));
    add("blocks_75", original, sparse.network, cost<Original>.multiply_adds, compressed_bytes(sparse.network));
  }

  void deep_compression(Network<Original> network, const Knowledge& known) {
    const Network<Original> original = network;
    const MaskedNetwork<Original> sparse =
        thin<Sparsity<15, 16>>(network, known, trainer("deep_compression", options_.epochs, 0.05));
    auto shared = cluster<Codebook<Bits<4>>>(fold_batch_norm(sparse.network));
    distill(shared.network, known, data_.train, Objective{}, trainer("shared weights", 2, 0.002), shared.tie);
    add("deep_compression", original, shared.network, cost<Original>.multiply_adds, compressed_bytes(shared.network));
  }

  /// Zeroes the smallest weights step by step while the network is trained.
  template <class Share, class Granularity = Single, class TrainerType>
  [[nodiscard]] MaskedNetwork<Original> thin(Network<Original>& network, const Knowledge& known,
                                             const TrainerType& trainer) const {
    auto rising = gradually<Weights<L1Norm, Share, Global, Granularity>>(network, Cubic{.end = 0.5});
    distill(network, known, data_.train, Objective{}, trainer, rising);
    return rising.sparse(network);
  }

  template <class A>
  void add(const std::string& name, const Network<Original>& original, const Network<A>& pruned,
           std::uint64_t multiply_adds, double file_bytes) {
    auto found = std::ranges::find(rows_, name, &Row::name);
    if (found == rows_.end()) found = rows_.insert(rows_.end(), Row{.name = name});
    found->before.push_back(original_accuracy_);
    found->after.push_back(accuracy(pruned));
    found->multiply_adds = multiply_adds;
    found->bytes.push_back(file_bytes);
    const Engine<Network<Original>, DefaultBackend> before{original};
    const Engine<Network<A>, DefaultBackend> after{pruned};
    std::vector<double> us[2];
    for (int turn = 0; turn < 5; ++turn) {
      us[0].push_back(latency_us(before));
      us[1].push_back(latency_us(after));
    }
    for (std::vector<double>& times : us) std::ranges::sort(times);
    found->us_before.push_back(us[0][2]);
    found->us_after.push_back(us[1][2]);
    std::cerr << name << ": " << fixed(original_accuracy_, 2) << " % to " << fixed(found->after.back(), 2) << " %, "
              << fixed(us[0][2], 1) << " us to " << fixed(us[1][2], 1) << " us, " << fixed(original_bytes_, 0) << " to "
              << fixed(file_bytes, 0) << " bytes\n";
  }

  template <class A>
  [[nodiscard]] double accuracy(const Network<A>& network) const {
    return evaluate(Engine{network}, data_.test);
  }

  /// The size of a network's file.
  template <class A>
  [[nodiscard]] static double bytes(const Network<A>& network) {
    save(network, file);
    return size_of_file();
  }
  template <class A>
  [[nodiscard]] static double compressed_bytes(const Network<A>& network) {
    save_compressed(network, file);
    return size_of_file();
  }
  [[nodiscard]] static double size_of_file() {
    const auto size = static_cast<double>(std::filesystem::file_size(file));
    std::filesystem::remove(file);
    return size;
  }
  static inline const std::filesystem::path file = "pruning_study.safetensors";

  study::Options options_;
  Split data_;
  Seed seed_{};
  double original_accuracy_ = 0;
  double original_bytes_ = 0;
  std::vector<Row> rows_;
};

}  // namespace

int main(int argc, char** argv) {
  const study::Options options = study::parse(argc, argv, "What pruning is worth on Fashion-MNIST");
  stop_politely_on_signals();
  try {
    Study study{options};
    study.run();
    std::cout << study.to_text();
    if (!options.out.empty()) study.write(options.out);
    return 0;
  } catch (const Error& error) {
    std::cerr << "pruning_study: " << error.what() << '\n';
    return error.code() == ErrorCode::interrupted ? 130 : 2;
  }
}
