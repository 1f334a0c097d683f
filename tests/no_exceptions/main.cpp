// SPDX-License-Identifier: MIT
// Embeds a network in a program without exceptions: it runs, and each mistake arrives at the handler by its code. The
// mistakes are made in child processes, because a handler does not return.
#include <array>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <span>
#include <string_view>

#include <sys/wait.h>
#include <unistd.h>

#include <attar/infer.hpp>

#ifdef __cpp_exceptions
#error "this test is one of programs without exceptions"
#endif
#ifdef __cpp_rtti
#error "this test is one of programs without run-time type information"
#endif

namespace {

using namespace attar;  // NOLINT: a test

template <int Width>
using Net = Sequential<Input<3, 8, 8>, Conv2d<Width, Kernel<3>, Bias>, ReLU, GlobalAvgPool, Linear<10>>;
using Student = Net<16>;

/// The exit code by which a child says that its handler got an error of this code.
constexpr int handled(ErrorCode code) {
  return 100 + static_cast<int>(code);
}

/// How a child ends that makes the mistake: its exit code, or minus the signal that ended it.
template <class Mistake>
int ending(Mistake mistake) {
  const pid_t child = ::fork();
  if (child == 0) {
    mistake();
    std::_Exit(0);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

bool expect(const char* what, int expected, int found) {
  if (expected != found) std::printf("%s: expected %d, found %d\n", what, expected, found);
  return expected == found;
}

bool runs(const std::filesystem::path& file) {
  const Engine engine{load<Network<Student>>(file)};
  auto context = engine.make_context();
  std::array<float, engine.input_size> image{};
  image.fill(0.5F);
  float sum = 0.0F;
  for (const float logit : engine(image, context)) sum += logit * logit;
  return expect("logits that are not zero", 1, sum > 0.0F ? 1 : 0);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  const std::filesystem::path file = std::filesystem::path{argv[1]} / "no_exceptions.safetensors";
  save(Network<Student>{Seed{1}}, file);

  const auto missing = [] { static_cast<void>(load<Network<Student>>("/nowhere/at.all")); };
  bool right = expect("the first handler aborts", -SIGABRT, ending(missing));
  set_error_handler([](const Error& error) { std::_Exit(handled(error.code())); });
  right &= expect("a missing file", handled(ErrorCode::file_not_found), ending(missing));
  right &= expect("a file of another architecture", handled(ErrorCode::architecture_mismatch),
                  ending([&] { static_cast<void>(load<Network<Net<8>>>(file)); }));
  right &= expect("a file that is no JSON", handled(ErrorCode::file_damaged), ending([&] {
                    write_file_atomically(file.string() + ".damaged", std::string_view{"\2\0\0\0\0\0\0\0{}\xff", 11});
                    static_cast<void>(load<Network<Student>>(file.string() + ".damaged"));
                  }));
  right &= expect("a short image", handled(ErrorCode::invalid_argument), ending([&] {
                    const Engine engine{load<Network<Student>>(file)};
                    auto context = engine.make_context();
                    const std::array<float, 7> image{};
                    engine(std::span<const float>{image}, context);
                  }));
  set_error_handler([](const Error&) {});
  right &= expect("a handler that returns", -SIGABRT, ending(missing));
  return right && runs(file) ? 0 : 1;
}
