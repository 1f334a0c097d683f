// SPDX-License-Identifier: MIT
// Classifies the images of an IDX file on a phone: the int8 student of examples/fashion_mnist with its weights inside,
// and nothing below it but the kernel of the operating system (runtime.cpp).
//   phone < t10k-images-idx3-ubyte              the class of each image, a line each
//   phone --logits < t10k-images-idx3-ubyte     ten floats per image, as they lie in memory
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "runtime.hpp"
#include "student_int8.hpp"
#include <attar/data/normalization.hpp>
#include <attar/infer/pixel_engine.hpp>

namespace {

constexpr std::array<std::string_view, 10> names{"T-shirt", "trouser", "pullover", "dress",   "coat",
                                                 "sandal",  "shirt",   "sneaker",  "handbag", "boot"};

/// A number of an IDX file's head.
std::uint32_t big_endian(const std::uint8_t* bytes) {
  std::uint32_t number = 0;
  for (int i = 0; i < 4; ++i) number = number << 8U | bytes[i];
  return number;
}

int fail(std::string_view what) {
  phone::write(phone::standard_error, std::as_bytes(std::span{what}));
  return 2;
}

bool print_name(int label) {
  const std::string_view name = names[static_cast<std::size_t>(label)];
  std::array<char, 16> line{};
  const auto end = std::ranges::copy(name, line.begin()).out;
  *end = '\n';
  return phone::write(phone::standard_output, std::as_bytes(std::span{line}.first(name.size() + 1)));
}

int run(bool wants_logits) {
  const attar::PixelEngine engine{student_int8::network, attar::Normalization{{0.2860F}, {0.3530F}}};
  auto context = engine.make_context();
  std::array<std::uint8_t, 16> head{};
  if (!phone::read(std::as_writable_bytes(std::span{head})) || big_endian(&head[0]) != 0x803 ||
      big_endian(&head[8]) != 28 || big_endian(&head[12]) != 28) {
    return fail("phone: expected an IDX file of images of 28 x 28 bytes\n");
  }
  std::array<std::uint8_t, engine.input_size> pixels{};
  for (std::uint32_t left = big_endian(&head[4]); left > 0; --left) {
    if (!phone::read(std::as_writable_bytes(std::span{pixels}))) return fail("phone: the images end too early\n");
    const auto logits = engine(pixels, context);
    const bool written =
        wants_logits ? phone::write(phone::standard_output, std::as_bytes(logits)) : print_name(engine.label(context));
    if (!written) return fail("phone: cannot write\n");
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const bool wants_logits = argc == 2 && std::string_view{argv[1]} == "--logits";
  if (argc != 1 && !wants_logits) return fail("usage: phone [--logits] < IMAGES.idx\n");
  return run(wants_logits);
}
