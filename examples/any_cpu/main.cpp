// SPDX-License-Identifier: MIT
// Classifies the images of an IDX file on any CPU: one program, compiled for the oldest, that uses what the newest
// have.
//   any_cpu < t10k-images-idx3-ubyte            the class of each image, a line each
//   any_cpu --logits < t10k-images-idx3-ubyte   ten floats per image, as they lie in memory
//   any_cpu --variants                          what it can choose from, and what it takes here
//   any_cpu --variant NAME ...                  takes that one
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <span>
#include <string_view>
#include <vector>

#include "student.hpp"

namespace {

constexpr std::array names{"T-shirt", "trouser", "pullover", "dress",   "coat",
                           "sandal",  "shirt",   "sneaker",  "handbag", "boot"};

bool read(std::span<std::uint8_t> bytes) {
  return std::fread(bytes.data(), 1, bytes.size(), stdin) == bytes.size();
}

/// A number of an IDX file's head.
std::uint32_t big_endian(const std::uint8_t* bytes) {
  std::uint32_t number = 0;
  for (int i = 0; i < 4; ++i) number = number << 8U | bytes[i];
  return number;
}

int fail(const char* what) {
  std::fprintf(stderr, "any_cpu: %s\n", what);
  return 2;
}

int run(const attar::AnyEngine& engine, bool wants_logits) {
  auto context = engine.make_context();
  std::array<std::uint8_t, 16> head{};
  if (!read(head) || big_endian(&head[0]) != 0x803 || big_endian(&head[8]) != 28 || big_endian(&head[12]) != 28) {
    return fail("expected an IDX file of images of 28 x 28 bytes");
  }
  std::vector<std::uint8_t> pixels(engine.input_size());
  for (std::uint32_t left = big_endian(&head[4]); left > 0; --left) {
    if (!read(pixels)) return fail("the images end too early");
    const std::span<const float> logits = engine(pixels, context);
    if (wants_logits) {
      std::fwrite(logits.data(), sizeof(float), logits.size(), stdout);
    } else {
      std::puts(names[static_cast<std::size_t>(engine.label(context))]);
    }
  }
  return std::fflush(stdout) == 0 ? 0 : fail("cannot write");
}

int list_variants() {
  for (const auto& variant : student.variants()) {
    const bool taken = &variant == &student.best();
    std::printf("%.*s%s\n", static_cast<int>(variant.name.size()), variant.name.data(), taken ? " (this CPU's)" : "");
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  std::string_view variant;
  bool wants_logits = false;
  try {
    for (int i = 1; i < argc; ++i) {
      const std::string_view option = argv[i];
      if (option == "--variants") return list_variants();
      if (option == "--logits") {
        wants_logits = true;
      } else if (option == "--variant" && i + 1 < argc) {
        variant = argv[++i];
      } else {
        return fail("usage: any_cpu [--variants] [--variant NAME] [--logits] < IMAGES.idx");
      }
    }
    const auto& network = student_int8::network;
    return run(variant.empty() ? student.make(network) : student.named(variant).make(network), wants_logits);
  } catch (const attar::Error& error) {
    return fail(error.what());
  }
}
