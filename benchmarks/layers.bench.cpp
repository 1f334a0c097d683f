// SPDX-License-Identifier: MIT
// Microseconds per call of networks of a single layer, and of that layer as a bare oneDNN primitive, on one thread:
//
//     attar/conv3x3_64x8x8/int8/batch:1/threads:1     from float images to float results, activation joined
//     onednn/conv3x3_64x8x8/int8/batch:1/threads:1    the primitive alone, see bare_convolutions.hpp
//
// What the library adds in an int8 row is mostly the quantization of the image, which a network does once.
//
//     bench_layers [--benchmark_filter=/conv3x3]
#include <string>

#include "inference_rows.hpp"
#include <attar/layers/layers.hpp>
#include <attar/model/sequential.hpp>

namespace {

using namespace attar;  // NOLINT: the layers read as a user writes them

template <class Layer, int Channels, int Side>
void add_layer(const std::string& name) {
  using Model = Sequential<Input<Channels, Side, Side>, Layer, BatchNorm2d, ReLU>;
  const std::string row =
      name + "_" + std::to_string(Channels) + "x" + std::to_string(Side) + "x" + std::to_string(Side);
  inference_rows::add<Model, false, 1>(row, 1);
  inference_rows::add<Model, true, 1>(row, 1);
}

[[maybe_unused]] const bool registered = [] {
  add_layer<Conv2d<16, Kernel<3>>, 16, 32>("conv3x3");
  add_layer<Conv2d<32, Kernel<3>>, 32, 16>("conv3x3");
  add_layer<Conv2d<64, Kernel<3>>, 64, 8>("conv3x3");
  add_layer<Conv2d<128, Kernel<3>, Stride<2>>, 64, 16>("conv3x3_stride2");
  add_layer<Conv2d<128, Kernel<1>>, 64, 16>("conv1x1");
  add_layer<Conv2d<256, Kernel<1>>, 256, 8>("conv1x1");
  add_layer<DepthwiseConv2d<Kernel<3>>, 64, 32>("depthwise3x3");
  add_layer<DepthwiseConv2d<Kernel<3>>, 256, 8>("depthwise3x3");
  inference_rows::add_versions();
  return true;
}();

}  // namespace
