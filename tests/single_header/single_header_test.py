#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Holds the script that writes the single header against small trees."""

import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "cmake"))
from single_header import single_header  # noqa: E402


class SingleHeader(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name)
        (self.root / "LICENSE").write_text("Some licence\n")
        self.header("core/version.hpp", "#define ATTAR_VERSION_MAJOR 1\n#define ATTAR_VERSION_MINOR 2\n")

    def header(self, name, text):
        path = self.root / "include" / "attar" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("// SPDX-License-Identifier: MIT\n#pragma once\n\n" + text)

    def lines(self):
        return single_header(self.root).splitlines()

    def code(self):
        return [line for line in self.lines() if line and not line.startswith("//") and "ATTAR_INFER_HPP" not in line]

    def test_has_licence_version_and_guard(self):
        self.header("infer.hpp", "int x;\n")
        lines = self.lines()
        self.assertIn("// Some licence", lines)
        self.assertIn("// Attar 1.2:", lines[1])
        self.assertIn("#ifndef ATTAR_INFER_HPP", lines)
        self.assertEqual(lines[-1], "#endif  // ATTAR_INFER_HPP")
        self.assertEqual(self.code(), ["int x;"])

    def test_writes_each_header_once_and_before_its_users(self):
        self.header("a.hpp", "#include <vector>\nint a;\n")
        self.header("b.hpp", "#include <vector>\n#include <attar/a.hpp>\nint b;\n")
        self.header("infer.hpp", "#include <attar/b.hpp>\n#include <attar/a.hpp>\nint c;\n")
        self.assertEqual(self.code(), ["#include <vector>", "int a;", "int b;", "int c;"])

    def test_keeps_conditions(self):
        self.header("fast.hpp", "int fast;\n")
        self.header("infer.hpp", "#ifdef FAST\n#include <attar/fast.hpp>\n#include <fast>\n#endif\nint c;\n")
        self.assertEqual(self.code(), ["#ifdef FAST", "int fast;", "#include <fast>", "#endif", "int c;"])

    def test_what_others_need_anyway_stands_outside_of_a_condition(self):
        self.header("common.hpp", "int common;\n")
        self.header("fast.hpp", "#include <attar/common.hpp>\nint fast;\n")
        self.header("backend.hpp", "#ifdef FAST\n#include <attar/fast.hpp>\n#endif\n")
        self.header("infer.hpp", "#include <attar/backend.hpp>\n#include <attar/common.hpp>\n")
        self.assertEqual(self.code(), ["int common;", "#ifdef FAST", "int fast;", "#endif"])

    def test_what_both_branches_need_stands_outside_of_them(self):
        self.header("common.hpp", "int common;\n")
        self.header("fast.hpp", "#include <attar/common.hpp>\nint fast;\n")
        self.header("slow.hpp", "#include <attar/common.hpp>\nint slow;\n")
        self.header(
            "infer.hpp", "#ifdef FAST\n#include <attar/fast.hpp>\n#else\n#include <attar/slow.hpp>\n#endif\n"
        )
        self.assertEqual(self.code(), ["int common;", "#ifdef FAST", "int fast;", "#else", "int slow;", "#endif"])

    def test_a_foreign_header_of_one_branch_is_not_missing_elsewhere(self):
        self.header("a.hpp", "#ifdef FAST\n#include <fast>\n#endif\n")
        self.header("infer.hpp", "#include <attar/a.hpp>\n#include <fast>\n")
        self.assertEqual(self.code(), ["#ifdef FAST", "#include <fast>", "#endif", "#include <fast>"])

    def test_refuses_circles_and_different_conditions(self):
        self.header("a.hpp", "#include <attar/infer.hpp>\n")
        self.header("infer.hpp", "#include <attar/a.hpp>\n")
        with self.assertRaisesRegex(SystemExit, "before itself"):
            self.lines()
        self.header("a.hpp", "int a;\n")
        self.header(
            "infer.hpp", "#ifdef X\n#include <attar/a.hpp>\n#endif\n#ifdef Y\n#include <attar/a.hpp>\n#endif\n"
        )
        with self.assertRaisesRegex(SystemExit, "different conditions"):
            self.lines()


if __name__ == "__main__":
    unittest.main()
