// attar[E122]
// SPDX-License-Identifier: MIT
#include <attar/io/compressed_file.hpp>
#include <attar/prune/cluster.hpp>

using namespace attar;

using Net = Sequential<Input<3, 8, 8>, Conv2d<32>, ReLU, GlobalAvgPool, Linear<10>>;

void store(const ClusteredNetwork<Net>& clustered) {
#if ATTAR_ACCEPT
  save_compressed(clustered.network, "student.safetensors");
#else
  save_compressed(clustered, "student.safetensors");
#endif
}
