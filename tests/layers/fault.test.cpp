// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <attar/layers/fault.hpp>
#include <attar/model/sequential.hpp>

namespace attar::fault_test {
namespace {

template <class... Layers>
constexpr const Diagnosis& diagnose() {
  return detail::program_tables<Input<3, 8, 8>, Stack<Layers...>>.diagnosis;
}

TEST(Diagnosis, NamesFaultPlaceLayerAndShapes) {
  constexpr const Diagnosis& found = diagnose<ReLU, Residual<Stack<ReLU, MaxPool2d<9>>>>();
  static_assert(found.fault == Fault::window_does_not_fit);
  static_assert(found.path.view() == "1.main.1");
  static_assert(found.layer.view() == "MaxPool2d");
  static_assert(found.input == Shape{3, 8, 8});
}

TEST(Diagnosis, NamesBothShapesThatDisagree) {
  constexpr const Diagnosis& found = diagnose<Conv2d<4>, Residual<Conv2d<8>>>();
  static_assert(found.fault == Fault::branches_differ);
  static_assert(found.path.view() == "1");
  static_assert(found.input == Shape{8, 8, 8} && found.other == Shape{4, 8, 8});
}

TEST(Diagnosis, StopsAtTheFirstFault) {
  static_assert(diagnose<Conv2d<0>, MaxPool2d<9>, Linear<10>>().fault == Fault::outputs_not_positive);
}

TEST(WellFormed, AsksWithoutAnError) {
  static_assert(well_formed<Input<3, 8, 8>, Conv2d<8>, GlobalAvgPool, Linear<10>>);
  static_assert(!well_formed<Input<3, 8, 8>, Conv2d<8>, Linear<10>>);
}

}  // namespace
}  // namespace attar::fault_test
