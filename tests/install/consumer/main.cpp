// SPDX-License-Identifier: MIT
#include <attar/attar.hpp>
#if ATTAR_WITH_ONEDNN
#include <oneapi/dnnl/dnnl.hpp>
#endif
#include <cstdio>

int main() {
  std::printf("attar %d.%d.%d, %d threads\n", ATTAR_VERSION_MAJOR, ATTAR_VERSION_MINOR, ATTAR_VERSION_PATCH,
              attar::thread_count());
#if ATTAR_WITH_ONEDNN
  std::printf("oneDNN %d.%d\n", dnnl::version()->major, dnnl::version()->minor);
#endif
}
