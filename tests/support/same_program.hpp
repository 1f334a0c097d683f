// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>

#include <gtest/gtest.h>

#include <attar/model/program.hpp>

namespace attar::test {

inline void expect_same_op(const Op& a, const Op& b) {
  EXPECT_EQ(a.kind, b.kind);
  EXPECT_EQ(a.operands, b.operands);
  EXPECT_EQ(a.operand_count, b.operand_count);
  EXPECT_EQ(a.output, b.output);
  EXPECT_EQ(a.window, b.window);
  EXPECT_EQ(a.groups, b.groups);
  EXPECT_EQ(a.weight, b.weight);
  EXPECT_EQ(a.bias, b.bias);
  EXPECT_EQ(a.running_mean, b.running_mean);
  EXPECT_EQ(a.running_var, b.running_var);
  EXPECT_EQ(a.epsilon, b.epsilon);
  EXPECT_EQ(a.momentum, b.momentum);
  EXPECT_EQ(a.rate, b.rate);
  EXPECT_EQ(a.activation, b.activation);
  EXPECT_EQ(a.residual, b.residual);
  EXPECT_EQ(a.layer, b.layer);
}

/// Every field of every table.
inline void expect_same_program(const Program& a, const Program& b) {
  EXPECT_EQ(a.output, b.output);
  EXPECT_EQ(a.trainable_size, b.trainable_size);
  EXPECT_EQ(a.buffer_size, b.buffer_size);
  EXPECT_EQ(a.fingerprint, b.fingerprint);
  ASSERT_EQ(a.ops.size(), b.ops.size());
  for (std::size_t i = 0; i < a.ops.size(); ++i) expect_same_op(a.ops[i], b.ops[i]);
  ASSERT_EQ(a.values.size(), b.values.size());
  for (std::size_t i = 0; i < a.values.size(); ++i) EXPECT_EQ(a.values[i], b.values[i]);
  ASSERT_EQ(a.parameters.size(), b.parameters.size());
  for (std::size_t i = 0; i < a.parameters.size(); ++i) {
    EXPECT_EQ(a.parameters[i].name.view(), b.parameters[i].name.view());
    EXPECT_EQ(a.parameters[i].role, b.parameters[i].role);
    EXPECT_EQ(a.parameters[i].dims, b.parameters[i].dims);
    EXPECT_EQ(a.parameters[i].rank, b.parameters[i].rank);
    EXPECT_EQ(a.parameters[i].size, b.parameters[i].size);
    EXPECT_EQ(a.parameters[i].offset, b.parameters[i].offset);
  }
  ASSERT_EQ(a.rows.size(), b.rows.size());
  for (std::size_t i = 0; i < a.rows.size(); ++i) {
    EXPECT_EQ(a.rows[i].path.view(), b.rows[i].path.view());
    EXPECT_EQ(a.rows[i].name, b.rows[i].name);
    EXPECT_EQ(a.rows[i].tag, b.rows[i].tag);
    EXPECT_EQ(a.rows[i].value, b.rows[i].value);
    EXPECT_EQ(a.rows[i].input, b.rows[i].input);
    EXPECT_EQ(a.rows[i].output, b.rows[i].output);
    EXPECT_EQ(a.rows[i].parameters, b.rows[i].parameters);
    EXPECT_EQ(a.rows[i].multiply_adds, b.rows[i].multiply_adds);
  }
}

}  // namespace attar::test
