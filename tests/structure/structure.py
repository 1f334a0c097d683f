#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Checks the shape of the source tree: structure.py <source root>. Prints one line per fault, and fails if there is any.

- A header includes headers of its own folder or of lower ones only.
- attar/infer.hpp does not reach train, distill or prune, not even through others.
- oneDNN's headers are included under backend/onednn alone.
- Every header has a test file at its mirrored path, but for those that only declare, or only define, what another declares.
- A test file x.test.cpp has its tests in a namespace x_test, and undefines its macros: several are compiled as one.
- Every error tag in a header is listed in docs/errors.md, and the other way round.
"""

import re
import sys
from pathlib import Path

# From low to high. Folders that share a level must not include each other.
ARROW = [
    ["detail"],
    ["core"],
    ["layers"],
    ["model"],
    ["backend", "loss"],
    ["optim"],
    ["io"],
    ["data"],
    ["train"],
    ["distill", "prune", "quantize"],
    ["infer", "report"],
]
LEVEL = {folder: level for level, folders in enumerate(ARROW) for folder in folders}
UMBRELLA_LEVEL = len(ARROW)
UMBRELLAS = {"attar.hpp", "infer.hpp"}
INFERENCE_NEVER_REACHES = {"train", "distill", "prune"}
WITHOUT_OWN_TEST = {"fwd.hpp", "version.hpp", "backend.hpp", "compiled.hpp"}  # They only declare what others test.

INCLUDE = re.compile(r'^\s*#\s*include\s*[<"]([^>"]+)[>"]', re.MULTILINE)
TEST = re.compile(r"^(?:TYPED_)?TEST(?:_[FP])?\(", re.MULTILINE)
NAMESPACE = re.compile(r"^namespace (?:\w+::)*(\w+) \{", re.MULTILINE)
MACRO = re.compile(r"^\s*#\s*(define|undef)\s+(\w+)", re.MULTILINE)
TAG = re.compile(r"attar\[E\d{3}\]")


def folder_of(header: str) -> str:
    """The folder below attar/ that decides the level: "backend" for "backend/onednn/conv.hpp", "" for an umbrella."""
    return header.split("/")[0] if "/" in header else ""


def read_includes(root: Path) -> dict[str, list[str]]:
    """Every header, named as below attar/, with what it includes, as it is written."""
    base = root / "include" / "attar"
    return {
        path.relative_to(base).as_posix(): INCLUDE.findall(path.read_text(encoding="utf-8"))
        for path in sorted(base.rglob("*.hpp"))
    }


def own(includes: list[str]) -> list[str]:
    return [name.removeprefix("attar/") for name in includes if name.startswith("attar/")]


def arrow_faults(headers: dict[str, list[str]]):
    for header, includes in headers.items():
        folder = folder_of(header)
        if folder and folder not in LEVEL:
            yield f"{header}: the folder {folder} has no place in the arrow"
            continue
        if not folder and header not in UMBRELLAS:
            yield f"{header}: only {', '.join(sorted(UMBRELLAS))} stand outside of a folder"
        for name in includes:
            if name not in {f"attar/{other}" for other in headers} and name.startswith("attar/"):
                yield f"{header}: includes <{name}>, which does not exist"
        for name in own(includes):
            other = folder_of(name)
            allowed = other == folder or LEVEL.get(other, UMBRELLA_LEVEL) < LEVEL.get(folder, UMBRELLA_LEVEL)
            if not allowed:
                yield f"{header}: includes <attar/{name}>, which is not lower"


def reach(headers: dict[str, list[str]], start: str) -> dict[str, str]:
    """All headers that `start` includes, directly or not, each with the one that includes it."""
    found, open_ends = {}, [start] if start in headers else []
    while open_ends:
        header = open_ends.pop()
        for name in own(headers.get(header, [])):
            if name not in found:
                found[name] = header
                open_ends.append(name)
    return found


def inference_faults(headers: dict[str, list[str]]):
    for name, via in reach(headers, "infer.hpp").items():
        if folder_of(name) in INFERENCE_NEVER_REACHES:
            yield f"infer.hpp: reaches {name} through {via}"


def onednn_faults(headers: dict[str, list[str]]):
    for header, includes in headers.items():
        if header.startswith("backend/onednn/") or header == "backend/onednn.hpp":
            continue
        for name in includes:
            if re.search(r"(^|/)dnnl[^/]*\.h(pp)?$", name):
                yield f"{header}: includes <{name}> outside of backend/onednn"


def is_tested_elsewhere(header: str) -> bool:
    """Declarations, and the definitions `x_impl.hpp` of what `x.hpp` declares."""
    return Path(header).name in WITHOUT_OWN_TEST or header.endswith("_impl.hpp")


def test_faults(headers: dict[str, list[str]], root: Path):
    for header in headers:
        if header in UMBRELLAS or folder_of(header) == "detail" or is_tested_elsewhere(header):
            continue
        test = Path("tests") / Path(header).with_suffix(".test.cpp")
        if not (root / test).is_file():
            yield f"{header}: has no test {test.as_posix()}"


def test_file_faults(root: Path):
    """What keeps a test file from being compiled as one with others."""
    for path in sorted((root / "tests").rglob("*.test.cpp")):
        name, text = path.relative_to(root).as_posix(), path.read_text(encoding="utf-8")
        namespace = path.name.removesuffix(".test.cpp") + "_test"
        first = TEST.search(text)
        if first and namespace not in NAMESPACE.findall(text[: first.start()]):
            yield f"{name}: has tests outside of a namespace {namespace}"
        macros = MACRO.findall(text)
        for macro in sorted({macro for kind, macro in macros if kind == "define"}):
            if [kind for kind, other in macros if other == macro][-1] != "undef":
                yield f"{name}: does not undefine its macro {macro}"


def tag_faults(root: Path):
    page = root / "docs" / "errors.md"
    listed = set(TAG.findall(page.read_text(encoding="utf-8"))) if page.is_file() else set()
    used = {tag for path in (root / "include").rglob("*.hpp") for tag in TAG.findall(path.read_text(encoding="utf-8"))}
    for tag in sorted(used - listed):
        yield f"docs/errors.md: does not list {tag}"
    for tag in sorted(listed - used):
        yield f"docs/errors.md: lists {tag}, which no header uses"


def faults(root: Path) -> list[str]:
    headers = read_includes(root)
    return [
        *arrow_faults(headers),
        *inference_faults(headers),
        *onednn_faults(headers),
        *test_faults(headers, root),
        *test_file_faults(root),
        *tag_faults(root),
    ]


def main() -> int:
    root = Path(sys.argv[1])
    found = faults(root)
    print(*found, f"{len(read_includes(root))} headers, {len(found)} faults", sep="\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
