// SPDX-License-Identifier: MIT
#include "labels.hpp"
#include "models.hpp"
#include "student.hpp"
#include <attar/infer/engine.hpp>

namespace app {

const attar::EngineMaker<attar::Threads> int8{[](attar::Threads threads) {
  static_assert(student::Architecture::output_shape.size() == 5);
  return attar::Engine{student::network, attar::Threads{threads_at_most(threads.count + labels_below(0))}};
}};

}  // namespace app
