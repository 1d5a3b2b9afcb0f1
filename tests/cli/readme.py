#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks that the help texts and transcripts of Markdown pages are those of the program; with --update writes them.

usage: readme.py PKIGEN PAGE… [--update]

The transcripts of a page are made in a new directory in place of /etc; dates, serials and residual times may differ.
"""

import re
import subprocess
import sys
import tempfile

BLOCK = re.compile(r"```(text|console)\n(\$ pkigen.*?)```", re.DOTALL)
VARIES = [(re.compile(r"\d{4}-\d\d-\d\d"), "DATE"),
          (re.compile(r"[A-Z][a-z]{2} \d\d, \d{4} \d\d:\d\d UTC"), "INSTANT"),
          (re.compile(r"\b\d{8}T\d{6}Z\b"), "STAMP"),
          (re.compile(r"\b36[45]d|\b(10y|9y(36[45]d)?)(?=\s)"), "LEFT")]


def run(pkigen, words, etc):
    """Returns the output of the command, results first, with /etc for the directory, and its exit status."""
    place = [] if "--help" in words else ["--cert-dir", etc + "/kubernetes/pki"]
    if words[0] == "check-expiration" and place:
        place += ["--kubelet-dir", etc + "/kubelet"]
    done = subprocess.run([pkigen, *words, *place], capture_output=True, text=True)
    # The tables are padded to the right as kubeadm's are; on a page that would be noise.
    lines = (done.stdout + done.stderr).replace(etc + "/", "/etc/").splitlines()
    return "".join(line.rstrip() + "\n" for line in lines), done.returncode


def transcript_of(pkigen, block, etc):
    text, status = "", 0
    for line in block.splitlines():
        if line == "$ echo $?":
            text += f"{line}\n{status}\n"
        elif line.startswith("$ pkigen"):
            printed, status = run(pkigen, line.split()[2:], etc)
            text += f"{line}\n{printed}"
    return text


def same(one, other):
    for pattern, word in VARIES:
        one, other = pattern.sub(word, one), pattern.sub(word, other)
    return re.sub(" +", " ", one) == re.sub(" +", " ", other)


def check(pkigen, path, update):
    """Returns what is wrong with a page, or nothing."""
    with open(path, encoding="utf-8") as file:
        text = file.read()
    blocks = list(BLOCK.finditer(text))
    if not blocks:
        return f"{path}: expected help texts or transcripts"
    wrong = []
    with tempfile.TemporaryDirectory() as etc:
        for block in blocks:
            found = transcript_of(pkigen, block[2], etc)
            if not same(found, block[2]):
                wrong.append((block, found))
    for block, found in reversed(wrong):
        text = text[:block.start(2)] + found + text[block.end(2):]
    if update:
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
    elif wrong:
        block, found = wrong[0]
        return (f"{path} shows:\n{block[2]}\nthe program prints:\n{found}\n"
                "run tests/cli/readme.py PKIGEN PAGE --update and read the difference")
    print(f"{path}: {len(blocks)} blocks checked")
    return ""


def main():
    update = "--update" in sys.argv
    pkigen, *paths = [word for word in sys.argv[1:] if word != "--update"]
    wrong = [problem for path in paths if (problem := check(pkigen, path, update))]
    if wrong:
        sys.exit("\n".join(wrong))


main()
