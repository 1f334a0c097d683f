#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes the inference part of Attar as one header: single_header.py <source root> <output>.

attar/infer.hpp and all of attar/ that it includes, each once, in an order that compiles; headers of the system and of
other libraries stay included. Where an include depends on a macro, so does what it is replaced by.
"""

import re
import sys
from pathlib import Path

ROOT = "attar/infer.hpp"
GUARD = "ATTAR_INFER_HPP"

INCLUDE = re.compile(r"\s*#\s*include\s*<([^>]+)>")
CONDITION = re.compile(r"\s*#\s*(if|ifdef|ifndef|elif|else|endif)\b")
LEFT_OUT = re.compile(r"#pragma once|// SPDX-License-Identifier|// IWYU pragma: (begin|end)_exports")


# Of a target that goes without the single header: attar::compiled.
NEVER_DEFINED = {"ATTAR_COMPILED"}


def with_choices_made(lines: list[str]) -> list[str]:
    """What programs see that define none of `NEVER_DEFINED`."""
    kept, open_ifs = [], []  # Of each open #if: whether its lines are kept; None where the choice is not ours.
    for line in lines:
        directive = CONDITION.match(line)
        kind = directive[1] if directive else ""
        if kind in ("if", "ifdef", "ifndef"):
            open_ifs.append(kind == "ifndef" if line.split()[-1] in NEVER_DEFINED else None)
        elif kind == "else" and open_ifs[-1] is not None:
            open_ifs[-1] = not open_ifs[-1]
        ours = kind and open_ifs[-1] is not None
        if not ours and all(state in (None, True) for state in open_ifs):
            kept.append(line)
        if kind == "endif":
            open_ifs.pop()
    return kept


def is_definition(header: str, of: str) -> bool:
    """Whether it defines what the other declares, which includes it at its end."""
    return header == of.removesuffix(".hpp") + "_impl.hpp"


class Amalgamation:
    """Collects headers below `folder` into `parts`."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.lines: dict[str, list[tuple[str, str, tuple[str, ...]]]] = {}
        self.always = self.reach(ROOT)
        self.open: list[str] = []
        self.written: dict[str, tuple[str, ...]] = {}
        self.foreign: set[str] = set()

    def read(self, header: str) -> list[tuple[str, str, tuple[str, ...]]]:
        """The lines of a header, each with what it includes, or "", and under which conditions it stands."""
        if header not in self.lines:
            lines, conditions = [], []
            for line in with_choices_made((self.folder / header).read_text(encoding="utf-8").splitlines()):
                directive = CONDITION.match(line)
                if directive and directive[1] in ("elif", "else", "endif"):
                    before = conditions.pop()
                if directive and directive[1] != "endif":
                    conditions.append(line.strip() if directive[1] != "else" else f"not {before}")
                include = INCLUDE.match(line)
                lines.append((line, include[1] if include else "", tuple(conditions)))
            self.lines[header] = lines
        return self.lines[header]

    def is_own(self, name: str) -> bool:
        return name.startswith("attar/")

    def reach(self, start: str) -> set[str]:
        """What is included whatever the macros are, `start` included."""
        found, rest = {start}, [start]
        while rest:
            for name in self.certain(rest.pop()) - found:
                found.add(name)
                rest.append(name)
        return found

    def certain(self, header: str) -> set[str]:
        """What a header includes under no condition, or in both of two branches."""
        result, branches = set(), {}
        for _, name, conditions in self.read(header):
            if self.is_own(name) and not conditions:
                result.add(name)
            elif self.is_own(name):
                branches.setdefault(conditions, set()).update(self.reach(name))
        for (*outer, last), names in branches.items():
            other = branches.get((*outer, f"not {last}"), set())
            result |= names & other if not outer else set()
        return result

    def expand(self, header: str, conditions: tuple[str, ...] = ()) -> list[str]:
        """The text of a header with all that it includes; nothing if it stands there already."""
        if self.open and is_definition(self.open[-1], header):
            return []
        if header in self.open:
            raise SystemExit(f"{header} is needed before itself: {' > '.join([*self.open, header])}")
        if header in self.written:
            if self.written[header] not in ((), conditions):
                raise SystemExit(f"{header} is included under different conditions")
            return []
        self.open.append(header)
        text = [] if conditions else self.unconditional_parts(header)
        for _, name, inner in self.read(header):
            if self.is_own(name) and not inner and not is_definition(name, header):
                text += self.expand(name, conditions)
        text += [f"// {header}", ""]
        for line, name, inner in self.read(header):
            if self.is_own(name):
                in_place = inner or is_definition(name, header)
                text += self.expand(name, (*conditions, *inner)) if in_place else []
            elif not LEFT_OUT.match(line) and not self.is_repeated(name, bool(conditions or inner)):
                text.append(line)
        self.open.pop()
        self.written[header] = conditions
        return text

    def unconditional_parts(self, header: str) -> list[str]:
        """What must not end up inside of a condition of `header`, because others include it without one."""
        text = []
        for _, name, conditions in self.read(header):
            if self.is_own(name) and conditions:
                for part in sorted(self.reach(name) & self.always):
                    text += self.expand(part)
        return text

    def is_repeated(self, name: str, conditional: bool) -> bool:
        """Whether a header of others is included already."""
        if not name or name in self.foreign:
            return bool(name)
        if not conditional:
            self.foreign.add(name)
        return False


def version(folder: Path) -> str:
    text = (folder / "attar/core/version.hpp").read_text(encoding="utf-8")
    return ".".join(re.findall(r"#define ATTAR_VERSION_\w+ (\d+)", text))


def single_header(source: Path) -> str:
    folder = source / "include"
    license_text = (source / "LICENSE").read_text(encoding="utf-8").strip().splitlines()
    head = [
        "// SPDX-License-Identifier: MIT",
        f"// Attar {version(folder)}: all that a program needs to run a compressed model, in one header. Generated.",
        "//",
        *(f"// {line}".rstrip() for line in license_text),
        f"#ifndef {GUARD}",
        f"#define {GUARD}",
        "",
    ]
    text = "\n".join([*head, *Amalgamation(folder).expand(ROOT), "", f"#endif  // {GUARD}", ""])
    return re.sub(r"\n{3,}", "\n\n", text)


def main() -> int:
    Path(sys.argv[2]).write_text(single_header(Path(sys.argv[1])), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
