#!/usr/bin/env python3
"""Checks that the help texts in README.md are what the program prints; with --update writes them.

usage: readme.py PKIGEN README.md [--update]
"""

import re
import subprocess
import sys

BLOCK = re.compile(r"```text\n\$ pkigen( [a-z-]+)? --help\n(.*?)```", re.DOTALL)


def help_of(pkigen, command):
    arguments = [pkigen, *command.split(), "--help"]
    return subprocess.run(arguments, check=True, capture_output=True, text=True).stdout


def main():
    pkigen, path = sys.argv[1:3]
    with open(path, encoding="utf-8") as file:
        text = file.read()
    blocks = BLOCK.findall(text)
    if not blocks:
        sys.exit(f"{path}: no help text found, expected some")
    current = BLOCK.sub(
        lambda m: f"```text\n$ pkigen{m[1] or ''} --help\n{help_of(pkigen, m[1] or '')}```", text)
    if "--update" in sys.argv:
        with open(path, "w", encoding="utf-8") as file:
            file.write(current)
    elif current != text:
        sys.exit(f"{path}: a help text differs from the program's; run tests/cli/readme.py PKIGEN README.md --update")
    print(f"{path}: {len(blocks)} help texts checked")


main()
