// SPDX-License-Identifier: MIT
// Microseconds per call of the inference engine on the models of models.hpp, and of their bare oneDNN convolutions:
//
//     attar/resnet20/int8/batch:1/threads:2     the whole network, from float images to float logits
//     onednn/resnet20/int8/batch:1/threads:2    its convolutions alone, see bare_convolutions.hpp
//
//     bench_models [--benchmark_filter=/resnet20/int8/]
#include "models.hpp"

#include <string>

#include "inference_rows.hpp"

namespace {

template <class Model>
void add_model(const std::string& name) {
  for (const int threads : {1, 2}) {
    inference_rows::add<Model, false, 1>(name, threads);
    inference_rows::add<Model, false, 32>(name, threads);
    inference_rows::add<Model, true, 1>(name, threads);
    inference_rows::add<Model, true, 32>(name, threads);
  }
}

[[maybe_unused]] const bool registered = [] {
  add_model<models::Small>("small");
  add_model<models::ResNet20>("resnet20");
  add_model<models::Mobile>("mobile");
  inference_rows::add_versions();
  return true;
}();

}  // namespace
