// SPDX-License-Identifier: MIT
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include <gtest/gtest.h>

#include <attar/io/architecture_file.hpp>
#include <attar/model/description.hpp>

namespace attar::architecture_file_test {
namespace {

using Net = Sequential<Input<1, 8, 8>, Conv2d<4, Kernel<3>>, BatchNorm2d, ReLU, GlobalAvgPool, Linear<3>>;
using Narrow = Sequential<Input<1, 8, 8>, Conv2d<2, Kernel<3>>, BatchNorm2d, ReLU, GlobalAvgPool, Linear<3>>;

std::filesystem::path temporary(const std::string& name) {
  return std::filesystem::path{testing::TempDir()} / name;
}

std::string content(const std::filesystem::path& path) {
  std::ifstream file{path};
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

template <class Call>
ErrorCode code_of(Call&& call) {
  try {
    call();
  } catch (const Error& error) {
    return error.code();
  }
  ADD_FAILURE() << "no error";
  return ErrorCode::interrupted;
}

TEST(ArchitectureFile, HoldsTheTypeAndItsCost) {
  const auto path = temporary("net.hpp");
  write_architecture<Net>(path, {.name = "Student"});
  EXPECT_EQ(content(path),
            "// Written by Attar. 59 parameters, 2316 multiply-adds per image, 268 bytes as fp32.\n"
            "#pragma once\n\n#ifndef ATTAR_INFER_HPP\n#include <attar/model/sequential.hpp>\n#endif\n\n"
            "using Student = attar::Sequential<\n"
            "    attar::Input<1, 8, 8>,\n    attar::Conv2d<4, attar::Kernel<3>>,\n    attar::BatchNorm2d,\n"
            "    attar::ReLU,\n    attar::GlobalAvgPool,\n    attar::Linear<3>>;\n\n"
            "static_assert(Student::program.fingerprint == 0x" +
                fingerprint_text(Net::program) +
                "U,\n              \"Student is not the architecture that this file was written for\");\n");
}

TEST(ArchitectureFile, OfANarrowedNetworkIsThatOfTheTypeWithItsWidths) {
  write_architecture(NarrowedNetwork<Net>{{2, 3}}, temporary("narrowed.hpp"));
  write_architecture<Narrow>(temporary("narrow.hpp"));
  EXPECT_EQ(content(temporary("narrowed.hpp")), content(temporary("narrow.hpp")));
}

TEST(ArchitectureFile, NamesThatAreNoIdentifiersAreRefused) {
  const auto path = temporary("unnamed.hpp");
  for (const char* name : {"", "1st", "a b", "a-b", "class", "co_await", "_Student", "a__b",
                           "gr\xC3\xBC"
                           "n",
                           "A;B", "attar", "main", "ns::A"}) {
    EXPECT_EQ(code_of([&] { write_architecture<Net>(path, {.name = name}); }), ErrorCode::invalid_argument) << name;
  }
  EXPECT_FALSE(std::filesystem::exists(path));
}

TEST(ArchitectureFile, AFolderThatIsNotThereIsNamed) {
  EXPECT_EQ(code_of([] { write_architecture<Net>("/no/such/folder/net.hpp"); }), ErrorCode::file_not_found);
}

TEST(ArchitectureFile, AnOldFileStaysWhereItCannotBeReplaced) {
  const auto folder = temporary("a_folder.hpp");
  std::filesystem::create_directories(folder / "inside");
  EXPECT_EQ(code_of([&] { write_architecture<Net>(folder); }), ErrorCode::file_access);
  EXPECT_TRUE(std::filesystem::is_directory(folder));
}

}  // namespace
}  // namespace attar::architecture_file_test
