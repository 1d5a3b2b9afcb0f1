#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks the checked-in descriptions, and that a wrong line or a difference that does not apply is seen.

usage: self_test.py
"""

import contextlib
import io
import sys

import difference
import golden

TEXT = ["a 0600", "  x", "  same", "  y", "  same", "b 0644", "  x", "  same"]
APPLIES = [  # title, difference, result
    ("a line is replaced", ["@@ b", " b 0644", "-  x", "+  z", "   same"], TEXT[:6] + ["  z", "  same"]),
    ("a line is added", ["@@ a", "   x", "+  new", "   same"], TEXT[:2] + ["  new"] + TEXT[2:]),
    ("a section is removed", ["@@ a", "   same", "-b 0644", "-  x", "-  same"], TEXT[:5]),
    ("two hunks of one section", ["@@ a", "-a 0600", "+a 0644", "@@ a", "-  y", "+  z"],
     ["a 0644", "  x", "  same", "  z", *TEXT[4:]]),
]
REFUSED = [  # title, difference, what the error says
    ("nothing at all", [], "is empty"),
    ("a hunk without a change", ["@@ a", "   x"], "changes nothing"),
    ("a hunk that replaces a line by itself", ["@@ a", "-  x", "+  x"], "changes nothing"),
    ("a hunk without lines", ["@@ a"], "changes nothing"),
    ("only new lines", ["@@ a", "+  z"], "no line of the base"),
    ("a line that is not there", ["@@ a", "-  z", "+  x"], "matches 0 places"),
    ("a line of another section", ["@@ b", "-  y", "+  z"], "matches 0 places"),
    ("a section that is not there", ["@@ c", "-  y", "+  z"], "matches 0 places"),
    ("context that differs", ["@@ a", "   y", "-  x", "+  z"], "matches 0 places"),
    ("two places in one section", ["@@ a", "-  same", "+  z"], "matches 2 places"),
    ("hunks in the wrong order", ["@@ a", "-  y", "+  z", "@@ a", "-  x", "+  z"], "matches 0 places"),
    ("hunks that overlap", ["@@ a", "-  x", "+  z", "   same", "@@ a", "   same", "-  y", "+  z"], "matches 0 places"),
    ("a line before the first hunk", ["-  x", "@@ a", "-  x", "+  z"], "belongs to no hunk"),
    ("a line without a mark", ["@@ a", "-  x", "+  z", "x"], "belongs to no hunk"),
    ("an empty line", ["@@ a", "-  x", "+  z", ""], "belongs to no hunk"),
]
SECRETS = ["  serial 5D8C0A3E2F41B6907A6C", "  id AA:BB:CC:DD:EE:FF:00:11", "  until 2027-11-21", "  Nov 21 13:34:05 2027",
           "  | client-key-data: " + "LS0tLS1CRUdJTiBFQyBQUklWQVRFIEtFWS0tLS0t"]


def error_of(base, lines):
    try:
        difference.apply(base, lines)
    except difference.DifferenceError as error:
        return str(error)
    return "no error"


def check_differences():
    for title, lines, result in APPLIES:
        yield title, difference.apply(TEXT, lines) == result
        yield f"{title}, written and applied again", difference.apply(TEXT, difference.compare(TEXT, result)) == result
    for title, lines, message in REFUSED:
        yield f"{title} is refused", message in error_of(TEXT, lines)
    yield "equal texts have no difference", difference.compare(TEXT, TEXT) == []


def check_reports():
    base = golden.read_expected(golden.BASE)
    for at in (0, len(base) // 2, len(base) - 1):
        wrong = [*base[:at], base[at] + " wrong", *base[at + 1:]]
        with contextlib.redirect_stdout(io.StringIO()) as printed:
            equal = golden.report(base, wrong)
        yield f"a wrong line {at + 1} is seen", not equal and f"+{wrong[at]}\n" in printed.getvalue() + "\n"
    for line in SECRETS:
        yield f"not to be described: {line}", golden.find_secret([line]) == line


def check_files():
    base, files = golden.read_expected(golden.BASE), {golden.expected_file(name) for name in golden.CONFIGURATIONS}
    yield "each configuration has its file, and nothing else is there", set(golden.EXPECTED.iterdir()) == files
    yield "base.txt has no serial, date or key bytes", golden.find_secret(base) is None
    for name in set(golden.CONFIGURATIONS) - {golden.BASE}:
        lines = golden.read_expected(name)
        yield f"{name}.diff is what --update would write", difference.compare(base, difference.apply(base, lines)) == lines
        yield f"{name}.diff has no serial, date or key bytes", golden.find_secret(lines) is None
        removed = next(line for line in lines if line.startswith("-"))
        stale = [line for line in base if line != removed[1:]]
        yield f"{name}.diff does not apply to another base", "matches 0 places" in error_of(stale, lines)


def run():
    wrong = [title for checks in (check_differences, check_reports, check_files) for title, good in checks() if not good]
    print("\n".join(wrong) or "everything is seen")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(run())
