#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Holds the structure check against small trees with known faults."""

import tempfile
import unittest
from pathlib import Path

from structure import faults


class Structure(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name)

    def header(self, name, *includes, tested=True):
        path = self.root / "include" / "attar" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("#pragma once\n" + "".join(f"#include <{include}>\n" for include in includes))
        if tested:
            test = (self.root / "tests" / name).with_suffix(".test.cpp")
            test.parent.mkdir(parents=True, exist_ok=True)
            test.touch()

    def assert_only_fault(self, text):
        found = faults(self.root)
        self.assertEqual(len(found), 1, found)
        self.assertIn(text, found[0])

    def test_accepts_a_tree_that_keeps_the_arrow(self):
        self.header("detail/tag.hpp", "cstddef", tested=False)
        self.header("core/error.hpp", "attar/detail/tag.hpp")
        self.header("backend/onednn/conv.hpp", "attar/core/error.hpp", "oneapi/dnnl/dnnl.hpp")
        self.header("data/idx.hpp", "attar/core/error.hpp")
        self.header("infer.hpp", "attar/backend/onednn/conv.hpp", tested=False)
        self.header("attar.hpp", "attar/infer.hpp", "attar/data/idx.hpp", tested=False)
        self.assertEqual(faults(self.root), [])

    def test_rejects_an_upward_include(self):
        self.header("train/trainer.hpp")
        self.header("core/error.hpp", "attar/train/trainer.hpp")
        self.assert_only_fault("core/error.hpp: includes <attar/train/trainer.hpp>, which is not lower")

    def test_rejects_an_include_of_a_neighbour_on_the_same_level(self):
        self.header("distill/distill.hpp")
        self.header("prune/prune.hpp", "attar/distill/distill.hpp")
        self.assert_only_fault("which is not lower")

    def test_rejects_a_header_that_includes_the_umbrella(self):
        self.header("attar.hpp", tested=False)
        self.header("report/table.hpp", "attar/attar.hpp")
        self.assert_only_fault("which is not lower")

    def test_rejects_an_inference_header_that_reaches_training(self):
        self.header("train/trainer.hpp")
        self.header("infer/engine.hpp", "attar/train/trainer.hpp")
        self.header("infer.hpp", "attar/infer/engine.hpp", tested=False)
        self.assert_only_fault("infer.hpp: reaches train/trainer.hpp through infer/engine.hpp")

    def test_rejects_onednn_outside_its_folder(self):
        self.header("infer/engine.hpp", "oneapi/dnnl/dnnl.hpp")
        self.assert_only_fault("outside of backend/onednn")

    def test_rejects_a_header_without_a_test(self):
        self.header("core/error.hpp", tested=False)
        self.assert_only_fault("has no test tests/core/error.test.cpp")

    def write_test_file(self, text):
        self.header("core/error.hpp")
        (self.root / "tests/core/error.test.cpp").write_text(text)

    def test_accepts_a_test_file_with_a_namespace_of_its_own(self):
        self.write_test_file("namespace attar::error_test {\nnamespace {\n#define X\nTEST(A, B) {}\n#undef X\n}\n}\n")
        self.assertEqual(faults(self.root), [])

    def test_rejects_a_test_file_without_a_namespace_of_its_own(self):
        self.write_test_file("namespace attar {\nnamespace {\nTEST(A, B) {}\n}\n}\n")
        self.assert_only_fault("tests/core/error.test.cpp: has tests outside of a namespace error_test")

    def test_rejects_a_test_file_that_leaves_a_macro(self):
        self.write_test_file("namespace attar::error_test {\nTEST(A, B) {}\n}\n#define X\n")
        self.assert_only_fault("tests/core/error.test.cpp: does not undefine its macro X")

    def test_rejects_an_include_that_does_not_exist(self):
        self.header("core/error.hpp", "attar/core/gone.hpp")
        self.assert_only_fault("which does not exist")

    def test_rejects_an_unknown_folder(self):
        self.header("misc/things.hpp")
        self.assert_only_fault("has no place in the arrow")

    def test_rejects_a_tag_that_is_not_listed(self):
        self.header("core/error.hpp")
        header = self.root / "include/attar/core/error.hpp"
        header.write_text('static_assert(true, "attar[E123]: rule");')
        self.assert_only_fault("docs/errors.md: does not list attar[E123]")
        (self.root / "docs").mkdir()
        (self.root / "docs/errors.md").write_text("| attar[E123] |")
        self.assertEqual(faults(self.root), [])
        header.write_text("")
        self.assert_only_fault("lists attar[E123], which no header uses")


if __name__ == "__main__":
    unittest.main()
