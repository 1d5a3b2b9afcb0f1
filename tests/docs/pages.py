#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks the Markdown pages: README.md and the other pages at the top, and doc/*.md.

A ```cpp block is compiled in a namespace of its own where it defines functions (a line begins with "}"), otherwise as the
body of a function that has the instant `now`. Both kinds have pki/pki.hpp and the headers of PRELUDE.

usage: pages.py --links ROOT             every relative link leads to a file, and to a heading where it names one; every
                                         page and schema of doc/ is linked from README.md or from a page
                                         that is, and README.md is short
       pages.py --tasks ROOT             each task of an installer is two clicks from README.md, or one
       pages.py --code ROOT COMPILER     every C++ block compiles against ROOT/include
       pages.py --functions PAGE         print the blocks of a page that define functions, as one C++ source
       pages.py --self-test COMPILER     each kind of mistake is found
"""

import pathlib
import re
import subprocess
import sys
import tempfile

BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.M | re.S)
LINK = re.compile(r"\[([^\]]*)\]\(([^()\s]+)\)")
HEADING = re.compile(r"^#+ (.*)$", re.M)
README_LINES = 150
# What the text of the last link and the heading that it leads to both say.
TASKS = ("PKI in memory", "second control plane", "external CA", "further certificates", "fleet", "progress and cancellation")
CLICKS = 2
PRELUDE = "".join(f"#include <{header}>\n" for header in (
    "algorithm", "atomic", "chrono", "cstdint", "filesystem", "functional", "future", "iostream", "map", "span", "stop_token", "string",
    "string_view", "utility", "vector", "pki/pki.hpp"))
FLAGS = ["-std=c++20", "-Wall", "-Wextra", "-Werror", "-Wno-unused-variable", "-Wno-unused-but-set-variable", "-fsyntax-only", "-x", "c++", "-"]


def pages(root):
    return sorted([*root.glob("*.md"), *root.glob("doc/*.md")])


def prose_of(page):
    return BLOCK.sub("", page.read_text(encoding="utf-8"))


def anchor(heading):
    """Returns the name by which links reach a heading, as GitHub and GitLab make it."""
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


def named_links(page):
    """Returns the relative links of a page as a text, a path and a heading; either of the latter may be empty."""
    targets = LINK.findall(prose_of(page))
    return [(" ".join(text.split()), *target.partition("#")[::2]) for text, target in targets if not re.match(r"\w+:", target)]


def links(page):
    return [link[1:] for link in named_links(page)]


def dead_links(root):
    wrong, reached, unread = [], set(), [root / "README.md"]
    for page in pages(root):
        for path, heading in links(page):
            target = (page.parent / path).resolve() if path else page
            if not target.exists():
                wrong.append(f"{page}: no such file: {path}")
            elif heading and heading not in map(anchor, HEADING.findall(prose_of(target))):
                wrong.append(f"{page}: no such heading: {path}#{heading}")
    while unread:
        page = unread.pop()
        reached.add(page.resolve())
        targets = {(page.parent / path).resolve() for path, _ in links(page)} - reached
        unread += [target for target in targets if target.suffix == ".md" and target.is_file()]
        reached |= targets
    length = len((root / "README.md").read_text(encoding="utf-8").splitlines())
    if length > README_LINES:
        wrong.append(f"README.md: {length} lines, expected at most {README_LINES}: the rest belongs to doc/")
    lost = [page for page in [*root.glob("doc/*.md"), *root.glob("doc/schema/*")] if page.resolve() not in reached]
    return wrong + [f"{page}: no page that README.md leads to links it" for page in lost]


def found_tasks(page, clicks):
    """Returns the tasks that lead to a heading with at most so many clicks from a page."""
    found = set()
    for text, path, heading in named_links(page) if clicks else ():
        target = (page.parent / path).resolve() if path else page
        if target.suffix != ".md" or not target.is_file():
            continue
        names = [text.lower()] + [name.lower() for name in HEADING.findall(prose_of(target)) if anchor(name) == heading]
        found |= {task for task in TASKS if len(names) > 1 and all(task.lower() in name for name in names)}
        found |= found_tasks(target, clicks - 1)
    return found


def lost_tasks(root):
    found = found_tasks(root / "README.md", CLICKS)
    return [f"README.md: {task}: not found in {CLICKS} clicks" for task in TASKS if task not in found]


def source_of(block, line, page):
    position = f'#line {line} "{page}"\n'
    if re.search(r"^}", block, re.M):
        return f"namespace block_{line} {{\n{position}{block}}}\n"
    return f"void block_{line}([[maybe_unused]] const std::chrono::sys_seconds now) {{\n{position}{block}}}\n"


def blocks(page):
    text = page.read_text(encoding="utf-8")
    for found in BLOCK.finditer(text):
        if found[1] == "cpp":
            yield found[2], text.count("\n", 0, found.start(2)) + 1


def functions(page):
    return PRELUDE + "".join(f'#line {line} "{page}"\n{block}' for block, line in blocks(page) if re.search(r"^}", block, re.M))


def compile_blocks(root, compiler, include):
    """Returns the messages of the compiler for each page with an error, and the number of blocks."""
    wrong, count = [], 0
    for page in pages(root):
        sources = [source_of(block, line, page) for block, line in blocks(page)]
        count += len(sources)
        if sources:
            done = subprocess.run([compiler, "-I", include, *FLAGS], input=PRELUDE + "".join(sources), capture_output=True, text=True)
            if done.returncode != 0:
                wrong.append(done.stderr)
    return wrong, count


def self_test(compiler):
    with tempfile.TemporaryDirectory() as directory:
        root = pathlib.Path(directory)
        (root / "doc").mkdir()
        (root / "pki").mkdir()
        (root / "pki/pki.hpp").write_text("#pragma once\nnamespace pki { int load(); }\n")
        (root / "README.md").write_text("# Top\n[a](doc/a.md) [b](doc/a.md#two-words) [c](#top) [d](https://x.invalid/y)\n```cpp\n[](no.md);\n```\n")
        (root / "doc/a.md").write_text("# A\n## Two `words`\n```cpp\nint f() {\n  return pki::load();\n}\n```\n```cpp\nconst int a = pki::load();\nconst auto b = now;\n```\n")
        good = dead_links(root)
        code = compile_blocks(root, compiler, root)
        (root / "README.md").write_text("[a](doc/no.md) [b](doc/a.md#three) [c](#four)\n" + "\n" * README_LINES)
        (root / "doc/schema").mkdir()
        (root / "doc/schema/kind.json").write_text("{}")
        (root / "doc/lost.md").write_text("```cpp\nconst auto a = pki::store();\n```\n```cpp\nint f() { return 1 }\n}\n```\n")
        bad = dead_links(root)
        bad_code = compile_blocks(root, compiler, root)
    problems = []
    if good:
        problems.append(f"links that are right are refused: {good}")
    if len(code[0]) != 1 or code[1] != 3:  # the block of README.md is no C++
        problems.append(f"three blocks, and those of one page compile: {code}")
    for what in ("151 lines", "no.md", "a.md#three", "#four", "lost.md: no page", "kind.json: no page"):
        if not any(what in line for line in bad):
            problems.append(f"{what} is not found: {bad}")
    if len(bad) != 6 or len(bad_code[0]) != 1 or not all(f"lost.md:{line}:" in bad_code[0][0] for line in (2, 5)):
        problems.append(f"what does not compile is not found: {bad} {bad_code}")
    return problems


def self_test_of_tasks():
    """Returns what is wrong with the tasks that are found: at once, on the second page, too far away, and at no heading."""
    with tempfile.TemporaryDirectory() as directory:
        root = pathlib.Path(directory)
        (root / "README.md").write_text("[the PKI\nin memory](b.md#1-the-pki-in-memory) [pages](a.md) [a fleet](b.md#none) [External CA](b.md)\n")
        (root / "a.md").write_text("[a second control plane](b.md#2-a-second-control-plane) [this](b.md#4-further-certificates) [b](b.md)\n")
        (root / "b.md").write_text("[progress and cancellation](#progress-and-cancellation)\n# 1. The PKI in memory\n# 2. A second control plane\n"
                                   "# External CA\n# 4. Further certificates\n# A fleet\n# Progress and cancellation\n")
        near = found_tasks(root / "README.md", CLICKS)
        (root / "README.md").write_text("[pages](a.md)\n")
        far = lost_tasks(root)
    problems = []
    if near != {"PKI in memory", "second control plane", "progress and cancellation"}:
        problems.append(f"found within two clicks: {near}")
    if len(far) != 5 or any("second control plane" in line for line in far):
        problems.append(f"found in a longer way: {far}")
    return problems


def main(arguments):
    if len(arguments) == 2 and arguments[0] == "--functions":
        print(functions(pathlib.Path(arguments[1])), end="")
        return 0
    if len(arguments) == 2 and arguments[0] == "--self-test":
        wrong = self_test(arguments[1]) + self_test_of_tasks()
    elif len(arguments) == 2 and arguments[0] == "--links":
        wrong = dead_links(pathlib.Path(arguments[1]))
    elif len(arguments) == 2 and arguments[0] == "--tasks":
        wrong = lost_tasks(pathlib.Path(arguments[1]))
    elif len(arguments) == 3 and arguments[0] == "--code":
        root = pathlib.Path(arguments[1])
        wrong, count = compile_blocks(root, arguments[2], root / "include")
        print(f"{count} blocks compiled")
        if count == 0:
            wrong.append("no page has a C++ block")
    else:
        sys.exit(__doc__)
    print("\n".join(wrong) or "nothing is wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
