// SPDX-License-Identifier: MIT
// What each way to quantize costs in accuracy, and gains in time, on networks of three families trained on
// Fashion-MNIST.
//
//     build/release/benchmarks/quantization_study --images 20000 --out docs/results/quantization.json
//
// Each seed has a float network of its own, which is trained once and kept beside the accuracies found so far in
// `--keep`; a study that was interrupted goes on from there. Latencies are those of the engine for one image on one
// thread, the networks taking turns, at the end.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iostream>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "../examples/support/study.hpp"
#include <attar/attar.hpp>

namespace {

using namespace attar;  // NOLINT: the networks read as a user writes them

using In = Input<1, 28, 28>;

/// The zoo's ResNet-20 with half its widths.
using ResNet = zoo::ResNet20<In, zoo::Classes<10>, zoo::Widths<8, 16, 32>>;
/// The blocks of MobileNetV2, fewer of them.
using MobileNet =
    Sequential<In, Conv2d<16, Kernel<3>, Stride<2>>, BatchNorm2d, ReLU6, zoo::detail::DepthwiseSeparable<16>,
               zoo::detail::InvertedResiduals<2, 16, 6, 24, Kernel<3>, Stride<1>>,
               zoo::detail::InvertedResiduals<2, 24, 6, 32, Kernel<3>, Stride<2>>,
               zoo::detail::InvertedResiduals<1, 32, 6, 48, Kernel<3>, Stride<1>>, Conv2d<128>, BatchNorm2d, ReLU6,
               GlobalAvgPool, Linear<10>>;
/// The zoo's DenseNet-BC, 22 layers, growth 8.
using DenseNet = zoo::DenseNetBc<22, 8, In>;

struct Options : study::Options {
  int fine_tuning = 2;   ///< Epochs of quantization-aware training.
  double rate = 0.0005;  ///< Its largest learning rate.
  std::filesystem::path keep = "quantization_study";
  std::vector<std::string> networks{"resnet20", "mobilenet_v2", "densenet"};
};

/// The float network's soft outputs beside the labels.
using Objective = Distill<SoftTargets<Temperature<4>, Weight<1>>, HardLabels<Weight<1, 2>>>;

/// What was found of one way to quantize a network.
struct Row {
  std::string network;
  std::string method;
  int bits = 8;  ///< Of the weights.
  std::vector<double> before{}, after{};
  double us_float = 0, us_quantized = 0;
};

/// The accuracies and networks of a study, in files.
class Kept {
 public:
  explicit Kept(std::filesystem::path folder) : folder_{std::move(folder)} {
    std::filesystem::create_directories(folder_);
  }

  /// The number kept under `name`, worked out where there is none.
  double number(const std::string& name, const std::function<double()>& compute) const {
    const std::filesystem::path path = folder_ / (name + ".txt");
    if (double found = 0; std::ifstream{path} >> found) return found;
    const double result = compute();
    write_file_atomically(path, std::to_string(result) + "\n");
    std::cerr << name << ": " << fixed(result, 2) << '\n';
    return result;
  }

  /// The network kept under `name`, made where there is none.
  template <class NetworkType, class Make>
  NetworkType network(const std::string& name, Make&& make) const {
    const std::filesystem::path path = folder_ / (name + ".safetensors");
    if (std::filesystem::exists(path)) return load<NetworkType>(path);
    NetworkType made = make();
    save(made, path);
    return made;
  }

 private:
  std::filesystem::path folder_;
};

class Study {
 public:
  explicit Study(Options options)
      : options_{std::move(options)},
        kept_{options_.keep},
        data_{study::images(options_)},
        calibration_{data_.train.take(1024)} {}

  void run() {
    each_network([&]<class A>(const std::string& name) {
      for (int seed = 1; seed <= options_.seeds; ++seed) one_seed<A>(name, seed);
    });
  }

  /// Fills in the latencies.
  void measure() {
    each_network([&]<class A>(const std::string& name) { measure<A>(name); });
  }

  [[nodiscard]] std::string to_text() const {
    Table table{{"network", "method", "bits", "float %", "quantized %", "loss", "spread", "us float", "us"}};
    for (const Row& row : rows_) {
      std::vector<double> losses;
      for (std::size_t i = 0; i < row.after.size(); ++i) losses.push_back(row.before[i] - row.after[i]);
      table.add({row.network, row.method, std::to_string(row.bits), fixed(spread(row.before).mean, 2),
                 fixed(spread(row.after).mean, 2), fixed(spread(losses).mean, 2), fixed(spread(losses).deviation, 2),
                 fixed(row.us_float, 1), fixed(row.us_quantized, 1)});
    }
    return table.text();
  }

  void write(const std::filesystem::path& path) const {
    nlohmann::ordered_json json{{"dataset", "fashion-mnist"}, {"command", options_.command}};
    json["machine"] = describe_machine();
    json["rows"] = nlohmann::ordered_json::array();
    for (const Row& row : rows_) {
      json["rows"].push_back({{"network", row.network},
                              {"method", row.method},
                              {"bits", row.bits},
                              {"seeds", row.after.size()},
                              {"accuracy_float", spread(row.before).mean},
                              {"accuracy_quantized", spread(row.after).mean},
                              {"latency_us_float", row.us_float},
                              {"latency_us_quantized", row.us_quantized},
                              {"accuracies_float", row.before},
                              {"accuracies_quantized", row.after}});
    }
    write_file_atomically(path, json.dump(2) + "\n");
  }

 private:
  template <class Body>
  void each_network(Body&& body) {
    for (const std::string& name : options_.networks) {
      if (name == "resnet20") body.template operator()<ResNet>(name);
      if (name == "mobilenet_v2") body.template operator()<MobileNet>(name);
      if (name == "densenet") body.template operator()<DenseNet>(name);
    }
  }

  /// A network of one seed, and what is done to it.
  template <class A>
  struct Run {
    std::string network;
    int seed;
    Network<A> floats;
    double before;
    Knowledge known;  ///< What the float network says of the training images.
  };

  template <class A>
  void one_seed(const std::string& name, int seed) {
    const std::string title = name + "." + std::to_string(seed);
    auto floats = kept_.network<Network<A>>(title, [&] {
      Network<A> fresh{Seed{static_cast<std::uint64_t>(seed)}};
      const Trainer trainer{
          Sgd{.rate = 0.1, .momentum = 0.9, .nesterov = true, .weight_decay = 5e-4, .decay_norms_and_biases = false},
          OneCycle{.peak_at = 0.25}, Epochs{options_.epochs},
          TrainOptions{.batch_size = 128, .seed = Seed{static_cast<std::uint64_t>(seed)}, .title = title}};
      trainer.fit(fresh, data_.train, HardLabels<>{});
      return fresh;
    });
    const double before = kept_.number(title + ".float", [&] { return accuracy(floats); });
    Knowledge known = remember(teachers(floats), data_.train, {.progress = false});
    const Run<A> run{name, seed, std::move(floats), before, std::move(known)};
    calibrators(run);
    repairs(run);
    few_bits(run);
    training(run);
  }

  template <class A>
  void calibrators(const Run<A>& run) {
    const auto with = [&]<class Calibrator>(const std::string& method) {
      add(run, method, 8, [&] { return accuracy(quantize<Int8<Calibrator>>(run.floats, calibration_)); });
    };
    with.template operator()<MinMax>("min_max");
    with.template operator()<MovingAverage<1, 100>>("moving_average");
    with.template operator()<Percentile<9999, 10000>>("percentile_99.99");
    with.template operator()<Entropy>("entropy");
    with.template operator()<SquaredError>("squared_error");
    with.template operator()<Aciq>("aciq");
    add(run, "asymmetric", 8, [&] { return accuracy(quantize<Int8<Asymmetric>>(run.floats, calibration_)); });
    add(run, "min_max", 7, [&] { return accuracy(quantize<Int8<WeightBits<7>>>(run.floats, calibration_)); });
    add(run, "min_max", 6, [&] { return accuracy(quantize<Int8<WeightBits<6>>>(run.floats, calibration_)); });
    add(run, "adaround", 6,
        [&] { return accuracy(rounded(quantize<Int8<WeightBits<6>>>(run.floats, calibration_), run.floats)); });
  }

  template <class A>
  void repairs(const Run<A>& run) {
    const auto plain = [&] { return quantize<Int8<>>(run.floats, calibration_); };
    add(run, "bias_correction", 8, [&] { return accuracy(correct_bias(plain(), run.floats, calibration_)); });
    add(run, "adaround", 8, [&] { return accuracy(rounded(plain(), run.floats)); });
    add(run, "norms_reestimated", 8, [&] { return accuracy(reestimated<Int8<>>(run)); });
    using PerTensorScheme = Int8<PerTensor, MinMax>;
    add(run, "per_tensor", 8, [&] { return accuracy(quantize<PerTensorScheme>(run.floats, calibration_)); });
    add(run, "per_tensor+equalized", 8,
        [&] { return accuracy(quantize<PerTensorScheme>(equalize(fold_batch_norm(run.floats)), calibration_)); });
  }

  template <class A>
  void few_bits(const Run<A>& run) {
    using Scheme = Int8<WeightBits<4>>;
    const auto plain = [&] { return quantize<Scheme>(run.floats, calibration_); };
    add(run, "min_max", 4, [&] { return accuracy(plain()); });
    add(run, "bias_correction", 4, [&] { return accuracy(correct_bias(plain(), run.floats, calibration_)); });
    add(run, "norms_reestimated", 4, [&] { return accuracy(reestimated<Scheme>(run)); });
    add(run, "adaround", 4, [&] { return accuracy(rounded(plain(), run.floats)); });
    add(run, "adaround+bias_correction", 4,
        [&] { return accuracy(correct_bias(rounded(plain(), run.floats), run.floats, calibration_)); });
  }

  template <class A>
  void training(const Run<A>& run) {
    add(run, "float_fine_tuned", 32, [&] {
      Network<A> more = run.floats;
      distill(more, run.known, data_.train, Objective{}, tuner(run, "float_fine_tuned"));
      return accuracy(more);
    });
    const auto labels = [&]<class Rule>(const std::string& method) {
      add(run, method, 8, [&] {
        auto aware = quantization_aware<Int8<>, Rule>(run.floats, calibration_);
        tuner(run, method).fit(aware, data_.train, HardLabels<>{});
        return accuracy(quantize(aware));
      });
    };
    const auto distilled = [&]<class Scheme>(const std::string& method, int bits) {
      add(run, method, bits, [&] {
        auto aware = quantization_aware<Scheme, LearnedStep>(run.floats, calibration_);
        distill(aware, run.known, data_.train, Objective{}, tuner(run, method));
        return accuracy(quantize(aware));
      });
    };
    if (run.network == "resnet20") {
      labels.template operator()<StraightThrough>("straight_through");
      labels.template operator()<Pact>("pact");
      labels.template operator()<LearnedStep>("learned_step");
    }
    distilled.template operator()<Int8<>>("learned_step+distillation", 8);
    distilled.template operator()<Int8<WeightBits<4>>>("learned_step+distillation", 4);
    distilled.template operator()<Int8<Asymmetric>>("asymmetric+learned_step+distillation", 8);
  }

  /// Adam, under which limits move no faster than weights.
  template <class A>
  [[nodiscard]] auto tuner(const Run<A>& run, const std::string& method) const {
    return Trainer{Adam{.rate = options_.rate}, OneCycle{.peak_at = 0.25}, Epochs{options_.fine_tuning},
                   TrainOptions{.batch_size = 128,
                                .seed = Seed{static_cast<std::uint64_t>(run.seed)},
                                .title = run.network + "." + std::to_string(run.seed) + " " + method}};
  }

  template <class Quantized, class A>
  [[nodiscard]] Quantized rounded(const Quantized& quantized, const Network<A>& floats) const {
    return adaround(quantized, floats, calibration_.take(256));
  }

  template <class Scheme, class A>
  [[nodiscard]] auto reestimated(const Run<A>& run) const {
    Network<A> network = round_weights<Scheme>(run.floats);
    reestimate_norms(network, data_.train, {.images = 4096});
    return quantize<Scheme>(network, calibration_);
  }

  /// Adds what one way gives to its row. Its accuracy is worked out once.
  template <class A, class Compute>
  void add(const Run<A>& run, const std::string& method, int bits, Compute&& compute) {
    if (!options_.wants(method)) return;
    const auto same = [&](const Row& row) {
      return row.network == run.network && row.method == method && row.bits == bits;
    };
    auto row = std::ranges::find_if(rows_, same);
    if (row == rows_.end()) row = rows_.insert(rows_.end(), Row{run.network, method, bits});
    row->before.push_back(run.before);
    row->after.push_back(kept_.number(
        run.network + "." + std::to_string(run.seed) + "." + method + "." + std::to_string(bits), compute));
  }

  template <class NetworkType>
  [[nodiscard]] double accuracy(const NetworkType& network) const {
    return evaluate(Engine<NetworkType, DefaultBackend, BatchSize<16>>{network}, data_.test);
  }

  /// Where the latencies of networks with weights of so many bits are; fewer than 6 take as long.
  static std::size_t times_of(int bits) { return bits == 32 ? 0 : (bits == 8 ? 1 : (bits == 7 ? 2 : 3)); }

  /// The latencies of all rows of a network: they depend on the bits and on zero points alone.
  template <class A>
  void measure(const std::string& name) {
    const Network<A> network{Seed{1}};
    const Engine floats{network};
    const Engine eight{quantize<Int8<>>(network, calibration_)};
    const Engine seven{quantize<Int8<WeightBits<7>>>(network, calibration_)};
    const Engine six{quantize<Int8<WeightBits<6>>>(network, calibration_)};
    const Engine asymmetric{quantize<Int8<Asymmetric>>(network, calibration_)};
    std::array<std::vector<double>, 5> times;
    constexpr std::size_t turns = 101;  // Short ones: a CPU's clock changes meanwhile.
    constexpr LatencyOptions options{.repetitions = 100};
    for (std::size_t turn = 0; turn < turns; ++turn) {
      times[0].push_back(latency_us(floats, options));
      times[1].push_back(latency_us(eight, options));
      times[2].push_back(latency_us(seven, options));
      times[3].push_back(latency_us(six, options));
      times[4].push_back(latency_us(asymmetric, options));
    }
    for (std::vector<double>& some : times) std::ranges::sort(some);
    for (Row& row : rows_) {
      if (row.network != name) continue;
      row.us_float = times[0][turns / 2];
      row.us_quantized = times[row.method.starts_with("asymmetric") ? 4 : times_of(row.bits)][turns / 2];
    }
  }

  Options options_;
  Kept kept_;
  Split data_;
  Dataset calibration_;
  std::vector<Row> rows_;
};

Options parse(int argc, char** argv) {
  Options options;
  CLI::App app{"What each way to quantize costs in accuracy, and gains in time, on Fashion-MNIST"};
  study::add_options(app, options);
  app.add_option("--fine-tuning", options.fine_tuning, "epochs of quantization-aware training")->capture_default_str();
  app.add_option("--rate", options.rate, "its largest learning rate")->capture_default_str();
  app.add_option("--networks", options.networks, "resnet20, mobilenet_v2, densenet")->delimiter(',');
  app.add_option("--keep", options.keep, "folder for networks and accuracies")->capture_default_str();
  study::read(app, argc, argv, options);
  return options;
}

}  // namespace

int main(int argc, char** argv) {
  const Options options = parse(argc, argv);
  stop_politely_on_signals();
  try {
    Study study{options};
    study.run();
    study.measure();
    std::cout << study.to_text();
    if (!options.out.empty()) study.write(options.out);
    return 0;
  } catch (const Error& error) {
    std::cerr << "quantization_study: " << error.what() << '\n';
    return error.code() == ErrorCode::interrupted ? 130 : 2;
  }
}
