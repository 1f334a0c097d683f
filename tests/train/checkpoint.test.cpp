// SPDX-License-Identifier: MIT
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <attar/train/checkpoint.hpp>

namespace attar::checkpoint_test {
namespace {

std::filesystem::path fresh_file(const std::string& name) {
  const std::filesystem::path path = std::filesystem::path{testing::TempDir()} / name;
  std::filesystem::remove(path);
  return path;
}

TEST(Checkpoint, BringsEverythingBack) {
  const std::filesystem::path path = fresh_file("round_trip.checkpoint");
  std::vector<float> parameters{1, 2, 3};
  std::vector<float> optimizer{4, 5};
  std::vector<float> average{};
  std::vector<float> adapter{6, 7};
  std::vector<float> bank{8};
  save_checkpoint(path, {parameters, optimizer, average, 42, {adapter, bank}}, "run");
  std::vector<float> parameters_back(3);
  std::vector<float> optimizer_back(2);
  std::vector<float> adapter_back(2);
  std::vector<float> bank_back(1);
  TrainingState state{parameters_back, optimizer_back, average, 0, {adapter_back, bank_back}};
  EXPECT_TRUE(restore_checkpoint(path, state, "run"));
  EXPECT_EQ(parameters_back, parameters);
  EXPECT_EQ(optimizer_back, optimizer);
  EXPECT_EQ(adapter_back, adapter);
  EXPECT_EQ(bank_back, bank);
  EXPECT_EQ(state.step, 42U);
}

TEST(Checkpoint, ThereNeedNotBeOne) {
  TrainingState state{};
  EXPECT_FALSE(restore_checkpoint(fresh_file("none.checkpoint"), state, "run"));
}

TEST(Checkpoint, OfAnotherRunOrSizeIsRefused) {
  const std::filesystem::path path = fresh_file("other.checkpoint");
  std::vector<float> numbers{1, 2, 3};
  save_checkpoint(path, {numbers, {}, {}, 1, {}}, "run");
  std::vector<float> back(3);
  TrainingState state{back, {}, {}, 0, {}};
  EXPECT_THROW(restore_checkpoint(path, state, "another run"), Error);
  std::vector<float> shorter(2);
  TrainingState mismatched{shorter, {}, {}, 0, {}};
  EXPECT_THROW(restore_checkpoint(path, mismatched, "run"), Error);
  EXPECT_EQ(back, std::vector<float>(3));
}

TEST(Checkpoint, DamageIsNoticed) {
  const std::filesystem::path path = fresh_file("damaged.checkpoint");
  std::vector<float> numbers{1, 2, 3};
  save_checkpoint(path, {numbers, {}, {}, 1, {}}, "run");
  std::filesystem::resize_file(path, std::filesystem::file_size(path) - 1);
  TrainingState state{numbers, {}, {}, 0, {}};
  try {
    restore_checkpoint(path, state, "run");
    FAIL() << "a truncated checkpoint was accepted";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::file_damaged);
  }
}

}  // namespace
}  // namespace attar::checkpoint_test
