// SPDX-License-Identifier: MIT
// A large CNN trained on Fashion-MNIST, distilled into a small one, pruned, quantized to int8, and measured at each
// step.
#include <cstddef>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <string>

#include <CLI/CLI.hpp>

#include "../support/command_line.hpp"
#include "options.hpp"
#include "pipeline.hpp"
#include "report.hpp"
#include <attar/attar.hpp>

namespace fashion {
namespace {

/// The lengths follow from the time that a run may take; nothing was chosen on the test images.
Plan plan_for(Length length) {
  switch (length) {
    case Length::quick:
      // Small batches: more steps, and thereby accuracy, of the same images.
      return {.images = 4'500, .batch_size = 50, .teacher_epochs = 3, .student_epochs = 3, .slim_epochs = 2};
    case Length::standard:
      return {.teacher_epochs = 7, .student_epochs = 7, .slim_epochs = 4, .augmentation = {.flip = true}};
    case Length::longer:
      return {.teacher_epochs = 14,
              .student_epochs = 16,
              .slim_epochs = 10,
              .augmentation = {.flip = true, .crop_padding = 2}};
  }
  return {};
}

/// Training and measuring images. For `--validate`, 5,000 of the training images play the test set.
Split images_for(const Options& options, std::size_t most) {
  Split data = datasets::fashion_mnist(options.data);
  if (options.validate) {
    const Dataset shuffled = data.train.shuffled(Seed{options.seed});
    data = {shuffled.drop(5'000), shuffled.take(5'000)};
  }
  return {data.train.take(most), data.test};
}

int run(const Options& options) {
  const Plan plan = plan_for(options.length);
  Pipeline pipeline{options, plan, images_for(options, plan.images)};
  const Report report = pipeline.run();
  std::cout << '\n' << to_text(report);
  write_report(report, options.out / "report.json");
  std::cout << "\nWritten: " << (options.out / "report.json").string()
            << ", a .safetensors file for each row, and the last as student_int8.hpp.\n";
  return 0;
}

/// What the command line says; ends the program where it makes no sense, with exit code 2, and after `--help`.
Options parse(int argc, char** argv) {
  Options options;
  options.command = study::command_line(argc, argv);
  CLI::App app{"A large CNN trained on Fashion-MNIST, distilled into a small one, pruned, quantized, measured"};
  auto* quick = app.add_flag_callback(
      "--quick", [&] { options.length = Length::quick; }, "under two minutes, to see that all works");
  app.add_flag_callback(
         "--long", [&] { options.length = Length::longer; }, "an hour at most, for the best accuracy")
      ->excludes(quick);
  app.add_option("--seed", options.seed, "of everything random")->capture_default_str();
  app.add_option("--out", options.out, "folder for the report and the model files")->capture_default_str();
  app.add_option("--data", options.data, "folder with the four IDX files (default: ATTAR_DATA, then Debian's package)");
  app.add_flag("--validate", options.validate, "measure on 5,000 held-out training images, to choose hyperparameters");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    std::exit(app.exit(error) == 0 ? 0 : 2);
  }
  return options;
}

}  // namespace
}  // namespace fashion

int main(int argc, char** argv) {
  const fashion::Options options = fashion::parse(argc, argv);
  attar::stop_politely_on_signals();
  try {
    return fashion::run(options);
  } catch (const attar::Error& error) {
    std::cerr << "fashion_mnist: " << error.what() << '\n';
    return error.code() == attar::ErrorCode::interrupted ? 130 : 2;
  } catch (const std::exception& error) {
    std::cerr << "fashion_mnist: " << error.what() << '\n';
    return 2;
  }
}
