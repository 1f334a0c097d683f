// SPDX-License-Identifier: MIT
// Microseconds per call of the inference engine on the models of models.hpp, and of their bare oneDNN convolutions:
//
//     attar/resnet20/int8/batch:1/threads:2          the whole network, from float images to float logits
//     attar/resnet20/int8_6bit/batch:1/threads:2     the same with weights of 6 bits, or of 7
//     attar-onednn/resnet20/int8/batch:1/threads:2   the same on the backend OneDnn
//     onednn/resnet20/int8/batch:1/threads:2         its convolutions alone, see bare_convolutions.hpp
//
//     bench_models [--benchmark_filter=/resnet20/int8/]
//     bench_models --profile [resnet20]   what each step of each model costs, instead of rows
#include "models.hpp"

#include <iostream>
#include <string>
#include <string_view>

#include "inference_rows.hpp"
#include <attar/report/steps.hpp>

namespace {

/// Calls `body` with each model's type, as `body.operator()<Model>(name)`.
void for_models(auto&& body) {
  body.template operator()<models::Small>("small");
  body.template operator()<models::ResNet20>("resnet20");
  body.template operator()<models::Mobile>("mobile");
}

/// The same for the precisions of rows.
void for_precisions(auto&& body) {
  body.template operator()<inference_rows::Floats>();
  body.template operator()<attar::Int8<>>();
  body.template operator()<attar::Int8<attar::WeightBits<7>>>();
  body.template operator()<attar::Int8<attar::WeightBits<6>>>();
}

void add_rows() {
  for_models([]<class Model>(const std::string& name) {
    for (const int threads : {1, 2}) {
      for_precisions([&]<class Precision> {
        inference_rows::add<Model, Precision, 1>(name, threads);
        inference_rows::add<Model, Precision, 32>(name, threads);
      });
    }
  });
  inference_rows::add_context();
}

template <class Model, class Precision, class Backend>
void print_profile(const std::string& name, const std::string& where) {
  const inference_rows::EngineOf<Model, Precision, Backend> engine{inference_rows::network<Model, Precision>()};
  std::cout << name << ", " << inference_rows::name_of<Precision>() << where << '\n' << attar::describe(engine) << '\n';
}

void print_profiles(std::string_view wanted) {
  for_models([&]<class Model>(const std::string& name) {
    if (!wanted.empty() && wanted != name) return;
    for_precisions([&]<class Precision> { print_profile<Model, Precision, attar::Embedded>(name, ""); });
    print_profile<Model, inference_rows::Floats, attar::OneDnn>(name, ", on oneDNN");
    print_profile<Model, attar::Int8<>, attar::OneDnn>(name, ", on oneDNN");
  });
}

}  // namespace

int main(int count, char** arguments) {
  if (count > 1 && std::string_view{arguments[1]} == "--profile") {
    print_profiles(count > 2 ? arguments[2] : "");
    return 0;
  }
  add_rows();
  benchmark::Initialize(&count, arguments);
  if (benchmark::ReportUnrecognizedArguments(count, arguments)) return 1;
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
