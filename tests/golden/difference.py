# SPDX-License-Identifier: Apache-2.0
"""Differences between two descriptions, written for a reviewer: no line numbers, each hunk names its section.

A section is a line that does not begin with a blank, and the indented lines after it. A hunk is

    @@ SECTION             the first word of the section in which the hunk begins
     context               at least one line where there is one, more where fewer would match twice
    -line of the base
    +line in its place

`apply` is strict: every hunk changes something and matches exactly one place of its section, after the hunk before it.
"""

import difflib


class DifferenceError(Exception):
    """A difference that is empty, malformed, or does not apply."""


def sections(lines):
    """Returns for each line the index of the first line of its section."""
    first, found = 0, []
    for index, line in enumerate(lines):
        if not line.startswith(" "):
            first = index
        found.append(first)
    return found


def name_of(line):
    return line.split(" ", 1)[0]


def matches(base, old, begin, end):
    """Returns the indices in [begin, end) at which the lines of `old` occur."""
    return [at for at in range(begin, end) if base[at:at + len(old)] == old]


class Hunk:
    """Lines of the base from `begin` to `end`, and what replaces them, as marked lines."""

    def __init__(self, base, new, change):
        _, self.begin, self.end, new_begin, new_end = change
        self.lines = [f"-{line}" for line in base[self.begin:self.end]] + [f"+{line}" for line in new[new_begin:new_end]]

    def widen_up(self, base):
        self.begin -= 1
        self.lines.insert(0, f" {base[self.begin]}")

    def widen_down(self, base):
        self.lines.append(f" {base[self.end]}")
        self.end += 1


def place(hunk, base, begin_of, floor):
    """Returns the places that `hunk` matches in its section from line `floor` on."""
    first = begin_of[hunk.begin]
    end = next((at for at in range(first, len(base)) if begin_of[at] != first), len(base))
    return matches(base, base[hunk.begin:hunk.end], max(first, floor), end)


def compare(base, new):
    """Returns the difference that makes `new` of `base` (lists of lines), as lines; empty where they are equal."""
    begin_of, floor, written = sections(base), 0, []
    changes = [change for change in difflib.SequenceMatcher(None, base, new, False).get_opcodes() if change[0] != "equal"]
    for index, change in enumerate(changes):
        hunk = Hunk(base, new, change)
        limit = changes[index + 1][1] if index + 1 < len(changes) else len(base)
        if hunk.begin > floor:
            hunk.widen_up(base)
        if hunk.end < limit:
            hunk.widen_down(base)
        while len(place(hunk, base, begin_of, floor)) != 1:
            if hunk.begin > floor:
                hunk.widen_up(base)
            elif hunk.end < limit:
                hunk.widen_down(base)
            else:
                raise DifferenceError(f"no context distinguishes the hunk at line {hunk.begin + 1} from another")
        written += [f"@@ {name_of(base[begin_of[hunk.begin]])}", *hunk.lines]
        floor = hunk.end
    return written


def read_hunks(lines):
    """Returns the hunks of a difference as pairs of a section and its marked lines."""
    hunks = []
    for number, line in enumerate(lines, 1):
        if line.startswith("@@ "):
            hunks.append((line[3:], []))
        elif hunks and line[:1] in (" ", "-", "+") and line:
            hunks[-1][1].append(line)
        else:
            raise DifferenceError(f"line {number} of the difference belongs to no hunk: {line!r}")
    if not hunks:
        raise DifferenceError("the difference is empty")
    return hunks


def apply(base, lines):
    """Returns `base` with every hunk of the difference `lines` applied, or throws DifferenceError."""
    begin_of, made, floor = sections(base), [], 0
    for section, marked in read_hunks(lines):
        old = [line[1:] for line in marked if line[0] != "+"]
        new = [line[1:] for line in marked if line[0] != "-"]
        if old == new:
            raise DifferenceError(f"a hunk in {section} changes nothing")
        if not old:
            raise DifferenceError(f"a hunk in {section} has no line of the base")
        places = [at for at in matches(base, old, floor, len(base)) if name_of(base[begin_of[at]]) == section]
        if len(places) != 1:
            raise DifferenceError(f"a hunk in {section} matches {len(places)} places:\n" + "\n".join(marked))
        made += base[floor:places[0]] + new
        floor = places[0] + len(old)
    return made + base[floor:]
