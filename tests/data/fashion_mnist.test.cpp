// SPDX-License-Identifier: MIT
#include <array>
#include <cmath>
#include <cstddef>
#include <optional>
#include <string>

#include <gtest/gtest.h>
#include <stdlib.h>

#include "../io/gzip_file.hpp"
#include "../io/scratch.hpp"
#include <attar/data/fashion_mnist.hpp>

namespace attar::fashion_mnist_test {
namespace {

using namespace attar;
using namespace attar::test;

/// Sets an environment variable until the end of the scope.
class Variable {
 public:
  Variable(const char* name, const std::string& value) : name_{name} {
    if (const char* old = std::getenv(name)) old_ = old;
    ::setenv(name, value.c_str(), 1);
  }
  Variable(const Variable&) = delete;
  Variable& operator=(const Variable&) = delete;
  ~Variable() { old_ ? ::setenv(name_, old_->c_str(), 1) : ::unsetenv(name_); }

 private:
  const char* name_;
  std::optional<std::string> old_;
};

/// Three images to train with and one to test, packed and plain.
void put_small_set(const std::filesystem::path& folder) {
  put(folder / "train-images-idx3-ubyte.gz", packed(raw_idx({3, 2, 2}, "abcdefghijkl")));
  put(folder / "train-labels-idx1-ubyte", raw_idx({3}, std::string_view{"\0\1\11", 3}));
  put(folder / "t10k-images-idx3-ubyte", raw_idx({1, 2, 2}, "mnop"));
  put(folder / "t10k-labels-idx1-ubyte.gz", packed(raw_idx({1}, "\7")));
}

TEST(FashionMnist, ReadsTheNamedFolder) {
  const Scratch scratch;
  put_small_set(scratch.folder());
  const Split data = datasets::fashion_mnist(scratch.folder());
  EXPECT_EQ(data.train.size(), 3U);
  EXPECT_EQ(data.train.label(2), 9);
  EXPECT_EQ(data.test.size(), 1U);
  EXPECT_EQ(data.test.image(0)[3], 'p');
  EXPECT_EQ(data.train.classes(), 10);
}

TEST(FashionMnist, TheVariableComesBeforeThePackage) {
  const Scratch scratch;
  put_small_set(scratch.folder());
  const Variable variable{"ATTAR_DATA", scratch.folder().string()};
  EXPECT_EQ(datasets::fashion_mnist().train.size(), 3U);
  // A folder of the set's own name in it comes first.
  std::filesystem::create_directory(scratch / "fashion-mnist");
  put_small_set(scratch / "fashion-mnist");
  put(scratch / "fashion-mnist/t10k-images-idx3-ubyte", raw_idx({1, 2, 2}, "wxyz"));
  EXPECT_EQ(datasets::fashion_mnist().test.image(0)[0], 'w');
}

TEST(FashionMnist, TheErrorSaysWhereItLookedAndHowToGetIt) {
  const Scratch scratch;
  expect_error(ErrorCode::file_not_found, "apt install dataset-fashion-mnist",
               [&] { (void)datasets::fashion_mnist(scratch.folder()); });
  expect_error(ErrorCode::file_not_found, scratch.folder().string(),
               [&] { (void)datasets::fashion_mnist(scratch.folder()); });
}

TEST(FashionMnist, ASetWithoutOneOfItsFilesIsNamed) {
  for (const char* file : {"train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte.gz"}) {
    const Scratch scratch;
    put_small_set(scratch.folder());
    std::filesystem::remove(scratch / file);
    expect_error(ErrorCode::file_not_found, std::string_view{file}.substr(0, 17),
                 [&] { (void)datasets::fashion_mnist(scratch.folder()); });
  }
}

TEST(FashionMnist, ADamagedFileIsNamed) {
  const Scratch scratch;
  put_small_set(scratch.folder());
  put(scratch / "train-labels-idx1-ubyte", raw_idx({3}, "\1\2\12"));
  expect_error(ErrorCode::invalid_data, "train-labels-idx1-ubyte: expected labels from 0 to 9, found 10 for image 2",
               [&] { (void)datasets::fashion_mnist(scratch.folder()); });
}

TEST(FashionMnist, ThePublishedSetIsWhatItShouldBe) {
  std::optional<Split> data;
  try {
    data = datasets::fashion_mnist();
  } catch (const Error& error) {
    if (error.code() != ErrorCode::file_not_found) throw;
    GTEST_SKIP() << error.what();
  }
  EXPECT_EQ(data->train.size(), 60'000U);
  EXPECT_EQ(data->test.size(), 10'000U);
  EXPECT_EQ(data->train.shape(), (Shape{1, 28, 28}));
  for (const auto& [part, each] : {std::pair{data->train, 6'000}, std::pair{data->test, 1'000}}) {
    std::array<int, 10> counts{};
    for (const int label : part.labels()) ++counts[static_cast<std::size_t>(label)];
    for (const int count : counts) EXPECT_EQ(count, each);
  }
  double sum = 0;
  double squares = 0;
  for (const auto pixel : data->train.images()) {
    sum += pixel / 255.0;
    squares += pixel / 255.0 * (pixel / 255.0);
  }
  const auto count = static_cast<double>(data->train.images().size());
  const double mean = sum / count;
  EXPECT_NEAR(mean, data->train.normalization().mean[0], 5e-5);
  EXPECT_NEAR(std::sqrt(squares / count - mean * mean), data->train.normalization().deviation[0], 5e-5);
}

}  // namespace
}  // namespace attar::fashion_mnist_test
