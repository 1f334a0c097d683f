// SPDX-License-Identifier: MIT
// Microseconds of single convolutions with a ReLU, batch 1, on one thread; those of the files in shapes/, each line of
// which becomes kernels of its own when the benchmarks are configured:
//
//     attar/resnet50/conv3x3_64x56x56_64/int8       the embedded backend's step, from u8 to u8 or from float to float
//     onednn/resnet50/conv3x3_64x56x56_64/int8      the bare oneDNN primitive without the ReLU, see
//     bare_convolutions.hpp reference/resnet50/conv3x3_64x56x56_64/int8   plain loops, the oracle of the tests
//
// MAC/s are multiply-adds a second; the lines above the table say how many the CPU can do at best.
//
//     bench_layers [--benchmark_filter='^(attar|onednn)/mobilenet_v2/.*/int8']
#include <benchmark/benchmark.h>

#include "inference_rows.hpp"

[[maybe_unused]] static const bool context_added = [] {
  inference_rows::add_context();
  return true;
}();
