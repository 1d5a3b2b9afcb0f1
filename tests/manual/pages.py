#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks the manual pages: no formatter warns, and what the help shows and the program writes is documented.

usage: pages.py PKIGEN PAGES_DIR
"""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

# A flag with its further names and the name of its value, as the help shows them.
FLAG = re.compile(r"^  (-[\w-]+(?:,-[\w-]+)*)(?: (\S+))?", re.MULTILINE)
STATUS = re.compile(r"^  (\d)  (.+)", re.MULTILINE)
NODE = ["--node-name", "cp-1", "--apiserver-advertise-address", "192.168.10.11", "--encryption-algorithm", "ECDSA-P256"]

failures = []


def expect(what, condition, *details):
    if not condition:
        failures.append(f"{what}: {' '.join(map(str, details))}")


def run(*words):
    return subprocess.run(list(map(str, words)), capture_output=True, text=True, check=False,
                          env={**os.environ, "LC_ALL": "C", "MANWIDTH": "500"})


def text_of(page):
    """The page as it is read, in lines that are not broken."""
    return run("man", "--no-hyphenation", "--no-justification", "-l", page).stdout


def section(text, title):
    found = re.search(rf"^{title}\n(.*?)(?=^\S|\Z)", text, re.MULTILINE | re.DOTALL)
    return found[1] if found else ""


def check_form(page):
    formatted = run("man", "--warnings", "-l", page)
    expect(page.name, formatted.returncode == 0 and not formatted.stderr, "man --warnings:", formatted.stderr)
    if shutil.which("mandoc"):
        lint = run("mandoc", "-Tlint", "-W", "warning", page)
        expect(page.name, lint.returncode == 0 and not lint.stdout, "mandoc -Tlint:", lint.stdout)
    name = run("lexgrog", page)
    expect(page.name, name.returncode == 0 and f'"{page.stem} - ' in name.stdout, "no NAME that whatis finds:", name.stdout)
    text = text_of(page)
    wide = [line for line in page.read_text(encoding="utf-8").splitlines() if len(line) > 200]
    expect(page.name, not wide, "lines that are too long to read:", wide)
    titles = re.findall(r"^(\S.*)", text, re.MULTILINE)[1:-1]
    expect(page.name, {"NAME", "SYNOPSIS", "DESCRIPTION", "EXAMPLES", "SEE ALSO"} <= set(titles), titles)
    for other in re.findall(r"\b(pkigen[\w.-]*)\((\d)\)", section(text, "SEE ALSO")):
        expect(page.name, (page.parent / ".".join(other)).exists(), "refers to a page that does not exist:", *other)
    return text


def check_command(pkigen, page, text):
    """Whatever the help of a command has is in its page."""
    words = page.stem.split("-", 1)[1:]
    if words and not run(pkigen, "help", *words).stdout:
        words = words[0].split("-", 1)  # a command of a group
    help_text = run(pkigen, *words, "--help").stdout
    options = section(text, "OPTIONS")
    flags = FLAG.findall(help_text)
    expect(page.name, len(flags) >= 1, "the help shows no flags")
    for names, value in flags:
        entry = ", ".join(names.split(",")) + (f" {value}" if value else "")
        expect(page.name, re.search(rf"^ +{re.escape(entry)}(?: |$)", options, re.MULTILINE), "OPTIONS lacks", entry)
    statuses = STATUS.findall(help_text)
    expect(page.name, len(statuses) >= 3, "the help shows no exit statuses")
    for status, meaning in statuses:
        expect(page.name, re.search(rf"^ +{status} +{re.escape(meaning)}", section(text, "EXIT STATUS"), re.MULTILINE),
               "EXIT STATUS lacks", status, meaning)
    for variable in set(re.findall(r"\bPKIGEN_\w+", help_text)):
        expect(page.name, variable in section(text, "ENVIRONMENT"), "ENVIRONMENT lacks", variable)


def check_program(pkigen, pages, text):
    """pkigen(1) has every command, every exit status, and every file that the program writes."""
    listed = set()
    for page in pages.glob("*.1"):
        listed |= set(re.findall(r"\b(pkigen-[\w-]+)\(1\)", section(text_of(page), "COMMANDS")))
    expect("pkigen.1", listed == {page.stem for page in pages.glob("pkigen-*.1")}, "COMMANDS has", listed)
    statuses = re.findall(r"^ +(\d) ", section(text, "EXIT STATUS"), re.MULTILINE)
    expect("pkigen.1", statuses == list("0123456"), "EXIT STATUS has", statuses)
    with tempfile.TemporaryDirectory() as folder:
        etc = pathlib.Path(folder) / "kubernetes"
        for words in (["init", *NODE], ["renew", "apiserver"], ["recover"]):
            done = run(pkigen, *words, "--cert-dir", etc / "pki", "--lock-timeout", "1")
            expect("pkigen.1", done.returncode == 0, words[0], done.stderr)
        written = {path.relative_to(etc) for path in etc.rglob("*")}
    expect("pkigen.1", len(written) > 30, "files written:", len(written))
    files = section(text, "FILES") + section(text, "ROWS")
    for path in written:
        place = str(path)
        if path.parts[:2] == ("pki", ".pkigen"):
            place = "/".join(path.parts[:2])
        expect("pkigen.1", re.search(rf"(?<![\w.-]){re.escape(place)}(?![\w-])", files), "neither FILES nor ROWS has", path)


def main():
    pkigen, pages = sys.argv[1], pathlib.Path(sys.argv[2])
    for tool in ("man", "lexgrog"):
        if not shutil.which(tool):
            print(f"no {tool} here")
            sys.exit(77)
    for page in sorted(pages.iterdir()):
        text = check_form(page)
        if page.suffix == ".1":
            check_command(pkigen, page, text)
        if page.stem == "pkigen":
            check_program(pkigen, pages, text)
    expect("pages", len(list(pages.iterdir())) >= 10, "too few in", pages)
    print("\n".join(failures) or f"{len(list(pages.iterdir()))} pages checked")
    sys.exit(1 if failures else 0)


main()
