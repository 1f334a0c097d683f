// SPDX-License-Identifier: MIT
// An error in a variant comes to the handler that the program set.
#include <cstdio>
#include <cstdlib>

#include "models.hpp"

int main() {
  attar::set_error_handler([](const attar::Error& error) {
    std::printf("the handler got: %s\n", error.what());
    std::fflush(stdout);
    std::_Exit(0);
  });
  const attar::Network<app::Net> network{attar::Seed{1}};
  (void)float_model.make(network, attar::Normalization{{0.5F, 0.4F, 0.3F}, {0.2F, 0.3F, 0.0F}});
  return 1;
}
