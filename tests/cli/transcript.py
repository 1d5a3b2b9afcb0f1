#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs a transcript: commands with what they shall print and how they shall end.

usage: transcript.py PKIGEN FILE.txt

A transcript is read from top to bottom, in a fresh directory, with pkigen in the PATH:

    # prose, for the reader
    $ pkigen init --cert-dir pki        a command for bash
    > more of it                        further lines of the same command
    made 10 certificates                one line of standard output
    ! error: no such file               one line of standard error
    ! ...                               any number of lines; so does `...` on standard output
    ? 2                                 the exit status; 0 where nothing is said

Text is literal but for {{…}}, a regular expression, and $WORK, the fresh directory. What is not named must not be
printed: a command without expected lines is silent.
"""

import os
import pathlib
import re
import subprocess
import sys
import tempfile

TIME_LIMIT = 120


class Step:
    def __init__(self, number, command):
        self.number, self.command = number, command
        self.stdout, self.stderr, self.status = [], [], 0

    def read(self, line):
        """Takes one line of the transcript below the command."""
        if line.startswith("> ") or line == ">":
            self.command += "\n" + line[2:]
        elif line.startswith("! ") or line == "!":
            self.stderr.append(line[2:])
        elif line.startswith("? "):
            self.status = int(line[2:])
        else:
            self.stdout.append(line)


def parse(text):
    steps = []
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith("$ "):
            steps.append(Step(number, line[2:]))
        elif line.startswith("#"):
            continue
        elif steps and line.strip():
            steps[-1].read(line)
        elif steps and steps[-1].stdout:
            steps[-1].stdout.append("")
        elif line.strip():
            sys.exit(f"line {number}: expected output before the first command")
    for step in steps:  # blank lines between steps are for the eye
        while step.stdout and not step.stdout[-1]:
            step.stdout.pop()
    return steps


def line_pattern(line, work):
    """The regular expression of one expected line."""
    if line.strip() == "...":
        return r"(?:[^\n]*\n)*?"
    parts = re.split(r"\{\{(.*?)\}\}", line.replace("$WORK", str(work)))
    return "".join(f"(?:{part})" if odd % 2 else re.escape(part) for odd, part in enumerate(parts)) + r"\n"


def compare(name, lines, found, work):
    """What to say when the found text is not the expected one; nothing otherwise."""
    if found and not found.endswith("\n"):
        found += "\n"
    if re.fullmatch("".join(line_pattern(line, work) for line in lines), found):
        return []
    return [f"  {name} expected:", *(f"    |{line}" for line in lines or ["(nothing)"]), f"  {name} found:",
            *(f"    |{line}" for line in found.replace(str(work), "$WORK").splitlines() or ["(nothing)"])]


def run(step, work, environment):
    done = subprocess.run(["bash", "-c", step.command], cwd=work, env=environment, stdin=subprocess.DEVNULL,
                          capture_output=True, text=True, timeout=TIME_LIMIT, umask=0o022, check=False)
    findings = compare("stdout", step.stdout, done.stdout, work) + compare("stderr", step.stderr, done.stderr, work)
    if done.returncode != step.status:
        findings.append(f"  exit status expected {step.status}, found {done.returncode}")
    return findings


def main(pkigen, transcript):
    steps = parse(pathlib.Path(transcript).read_text(encoding="utf-8"))
    failed = 0
    with tempfile.TemporaryDirectory() as folder:
        work = pathlib.Path(folder).resolve()
        path = f"{pathlib.Path(pkigen).resolve().parent}:{os.environ['PATH']}"
        keep = {name: value for name, value in os.environ.items() if name.endswith("SAN_OPTIONS")}
        environment = {"PATH": path, "HOME": str(work), "WORK": str(work), "LC_ALL": "C.UTF-8", "TZ": "UTC", **keep}
        for step in steps:
            findings = run(step, work, environment)
            if findings:
                failed += 1
                print(f"{transcript}:{step.number}: $ {step.command}", *findings, sep="\n")
    print(f"{len(steps)} steps, {failed} failed")
    return 1 if failed or not steps else 0


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    sys.exit(main(*sys.argv[1:]))
