#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks that every command of pkigen on a Markdown page exists, with every flag that the page gives it.

Commands are read from inline code, from shell and Python blocks, and from lines of transcripts that begin with "$".

usage: commands.py PKIGEN ROOT
       commands.py PKIGEN --self-test
"""

import functools
import pathlib
import re
import subprocess
import sys

BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.M | re.S)
COMMAND = re.compile(r"(?:^|[\s;&|(])pkigen((?: +(?:[^\s;&|`()]+|\[[^\]]*\]))*)")


@functools.cache
def help_of(pkigen, *command):
    """Returns the help text of a command; empty where there is no such command, for which pkigen prints its own."""
    done = subprocess.run([pkigen, *command, "--help"], capture_output=True, text=True, check=False)
    return done.stdout if re.search(rf"^Usage: {' '.join(['pkigen', *command])}\b", done.stdout, re.M) else ""


def flags_of(text):
    return set(re.findall(r"(?<![\w-])--?[a-z][a-z-]*", text))


def code_of(page):
    """Returns the texts of a page that are commands for a shell, as pairs of a line number and a text."""
    found = []
    for block in BLOCK.finditer(page):
        line = page.count("\n", 0, block.start()) + 1
        for number, text in enumerate(block[2].splitlines(), line + 1):
            if block[1] in ("sh", "python") or text.startswith("$ "):
                found.append((number, text.removeprefix("$ ").partition("#")[0]))
    prose = BLOCK.sub(lambda block: "\n" * block[0].count("\n"), page)
    for code in re.finditer(r"`([^`]+)`", prose):
        found.append((prose.count("\n", 0, code.start()) + 1, " ".join(code[1].split())))
    return found


def check(pkigen, name, page):
    """Returns what is wrong with a page, and the number of commands on it."""
    wrong, count = [], 0
    for line, text in code_of(page):
        for command in COMMAND.finditer(text):
            words = re.sub(r"[\[\]]", " ", command[1]).split()
            if not words:
                continue
            count += 1
            if words[0].isupper():  # a placeholder
                continue
            verb = [] if words[0].startswith("-") else words[:1]
            known = help_of(pkigen, *verb)
            if " SUBCOMMAND\n" in known and verb and len(words) > 1 and not words[1].startswith("-"):  # of a group
                verb = words[:2]
                known = help_of(pkigen, *verb)
            if not known:
                wrong.append(f"{name}:{line}: no such command: pkigen {' '.join(verb)}")
                continue
            for word in words:
                flag = word.partition("=")[0]
                if re.match(r"--?[a-z]", flag) and flag not in flags_of(known):
                    wrong.append(f"{name}:{line}: pkigen {' '.join(verb)} has no flag {flag}")
    return wrong, count


EXAMPLES = [  # page, what is found
    ("`pkigen init --dry-run` and `pkigen undo [ID]`", []),
    ("`pkigen frobnicate`", ["no such command: pkigen frobnicate"]),
    ("`pkigen init\n--no-such`", ["pkigen init has no flag --no-such"]),
    ("text pkigen frobnicate", []),
    ("`pkigen csr`, `pkigen csr create --bundle FILE`", []),
    ("`pkigen csr frobnicate`", ["no such command: pkigen csr frobnicate"]),
    ("`pkigen csr status --bundle x`", ["pkigen csr status has no flag --bundle"]),
    ("```sh\ncat x | pkigen init --wet-run # pkigen x\n```", ["pkigen init has no flag --wet-run"]),
    ("```console\n$ pkigen version --output=json\n$ pkigen version --long\npkigen x\n```", ["pkigen version has no flag --long"]),
    ("```text\npkigen x --y\n```", []),
    ("`pkigen -v`, `pkigen --verbos`", ["pkigen  has no flag --verbos"]),
]


def self_test(pkigen):
    wrong = []
    for page, expected in EXAMPLES:
        found = [text.partition(": ")[2] for text in check(pkigen, "page", page)[0]]
        if found != expected:
            wrong.append(f"{page!r}: {found}, expected {expected}")
    return wrong


def main():
    pkigen, root = sys.argv[1:3]
    if root == "--self-test":
        wrong = self_test(pkigen)
    else:
        wrong, total = [], 0
        for path in sorted([*pathlib.Path(root).glob("*.md"), *pathlib.Path(root).glob("doc/*.md")]):
            found, count = check(pkigen, path.name, path.read_text(encoding="utf-8"))
            wrong += found
            total += count
        print(f"{total} commands read")
        if total < 20:
            wrong.append("expected at least 20 commands: are they still read?")
    print("\n".join(wrong) or "nothing is wrong")
    return 1 if wrong else 0


sys.exit(main())
