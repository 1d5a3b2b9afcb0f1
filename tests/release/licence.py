#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every source says under which licence it is, in its first line, or in the second one after #!.

usage: licence.py SOURCE_DIR [--add]     --add writes the missing lines
"""

import pathlib
import sys

LINE = "SPDX-License-Identifier: Apache-2.0"
FOLDERS = ("include", "libpki", "tools", "tests", "examples", "cmake", ".ci")
MARKS = {".cpp": "//", ".hpp": "//", ".c": "//", ".go": "//", ".py": "#", ".sh": "#", ".cmake": "#"}
NAMES = {"CMakeLists.txt": "#", "run": "#", "pre-commit": "#"}
# Inputs and expected outputs of tests, which stay as they are.
DATA = {"corpus", "regressions", "expected", "fixtures", "__pycache__"}


def mark_of(path):
    return NAMES.get(path.name) or MARKS.get(path.suffix)


def sources(top):
    yield top / "CMakeLists.txt"
    for folder in FOLDERS:
        for path in sorted((top / folder).rglob("*")):
            if path.is_file() and mark_of(path) and not DATA & set(path.relative_to(top).parts):
                yield path


def place_of(lines):
    return 1 if lines and lines[0].startswith("#!") else 0


def lacks(path):
    lines = path.read_text(encoding="utf-8").splitlines()
    return lines[place_of(lines):][:1] != [f"{mark_of(path)} {LINE}"]


def add(path):
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    lines.insert(place_of(lines), f"{mark_of(path)} {LINE}\n")
    path.write_text("".join(lines), encoding="utf-8")


def main():
    top = pathlib.Path(sys.argv[1])
    found = list(sources(top))
    lacking = [path for path in found if lacks(path)]
    if sys.argv[2:] == ["--add"]:
        for path in lacking:
            add(path)
        print(f"{len(lacking)} of {len(found)} sources changed")
        return
    for path in lacking:
        print(f"{path.relative_to(top)}: lacks the line {LINE}")
    print(f"{len(found)} sources, {len(lacking)} without a licence")
    sys.exit(1 if lacking or len(found) < 100 else 0)


main()
