#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Counts marked words in the comments of the product and compares them with bounds.

The bounds are those of code bases that the field reads easily (leveldb, ninja, BoringSSL, Botan), within a factor of
two: comments say "Returns …", and hardly ever "gives", "stands" or "What is … is …". CONTRIBUTING.md ("Writing") says
what to write instead.

usage: prose.py ROOT            check include, libpki, tools and the pages below ROOT; prints each use above a bound
       prose.py --rooms ROOT    print the counts of each room
       prose.py --files PATH…   print every marked word in these files and directories
       prose.py --self-test     check that every mark is found, and what is not a comment is not read
"""

import collections
import pathlib
import re
import sys

PRODUCT = ("include", "libpki", "tools")
PAGES = ("README.md", "SECURITY.md", "CHANGELOG.md", "doc")
ROOMS = ("include/pki", "libpki/base", "libpki/model", "libpki/crypto", "libpki/disk", "libpki/formats", "libpki/net",
         "libpki/verbs", "tools/pkigen/commands", "tools/pkigen/host", "tools/pkigen/print")

# Uses per thousand words of comment.
AT_LEAST = {"returns": 3.0}
AT_MOST = dict.fromkeys(("gives", "What …", "stands", "is none", "tells", "behind", "passed over", "lies"), 0.2)
MARKS = {
    "returns": r"\b[Rr]eturn(?:s|ed|ing)?\b",
    "gives": r"\b[Gg]ives?\b",
    "What …": r"(?<![^.:;!?\n] )(?<!\w)What (?=[a-z])[^.?]*(?![^.?]*\?)",
    "stands": r"\bstands?\b",
    "is none": r"\b(?:is|are) none\b",
    "tells": r"\b(?:[Tt]ells?|[Tt]old)\b",
    "behind": r"\b[Bb]ehind\b",
    "passed over": r"\b[Pp]ass(?:es|ed|ing)? over\b",
    "lies": r"\blies?\b",
}

# (file, mark): why these words are right here. An entry that allows nothing is an error.
ALLOWED = {}

TOKEN = re.compile(r'//(?P<line>[^\n]*)|/\*(?P<block>.*?)\*/|R"(?P<tag>[^()\s\\]*)\(.*?\)(?P=tag)"'
                   r"|\"(?:\\.|[^\"\\\n])*\"|(?<!\w)'(?:\\.|[^'\\\n])+'", re.S)


def comments(source):
    """Returns the comments of a C++ source as pairs of a line number and a text; lines that follow one another are one."""
    found = []
    last_line, column = -1, -1
    for token in TOKEN.finditer(source):
        text = token["line"] if token["line"] is not None else token["block"]
        if text is None:
            continue
        begin = source.count("\n", 0, token.start())
        at = token.start() - source.rfind("\n", 0, token.start())
        text = re.sub(r"^[/!]*<?[ *]*|\n[ *]*", " ", text).strip()
        if token["line"] is not None and begin == last_line + 1 and at == column:
            found[-1][1] += " " + text
        else:
            found.append([begin + 1, text])
        last_line, column = begin, at
    return [(line, text) for line, text in found]


def paragraphs(page):
    """Returns the paragraphs, list items and table rows of a Markdown page as `comments` does, without code and headings."""
    def blank(found):
        return re.sub(r"[^\n]", " ", found[0])
    page = re.sub(r"`[^`\n]*`", blank, re.sub(r"^ *```.*?^ *```$", blank, page, flags=re.M | re.S))
    found = []
    for part in re.finditer(r"\S[^\n]*(?:\n(?! *(?:[-*|#]|\d+\.) )(?=[^\n]*\S)[^\n]*)*", page):
        if not part[0].startswith("#"):
            text = re.sub(r"^(?:[-*|>]+|\d+\.) +", "", " ".join(part[0].split()))
            found.append((page.count("\n", 0, part.start()) + 1, text))
    return found


def sources(path):
    if path.is_file():
        return [path]
    return sorted(each for each in path.rglob("*") if each.suffix in (".cpp", ".hpp", ".md"))


class Count:
    """Words and marks of some files."""

    def __init__(self):
        self.words, self.marks, self.uses = 0, collections.Counter(), []

    def add(self, name, source):
        for line, text in paragraphs(source) if name.endswith(".md") else comments(source):
            self.words += len(re.findall(r"[A-Za-z][A-Za-z']*", text))
            for mark, pattern in MARKS.items():
                for use in re.finditer(pattern, text):
                    self.marks[mark] += 1
                    self.uses.append((name, line, mark, text[max(0, use.start() - 30):use.start() + 50]))

    def per_thousand(self, mark):
        return 1000 * self.marks[mark] / max(1, self.words)

    def drop_allowed(self, allowed):
        """Removes the uses that the allow list names and returns the entries that name none."""
        kept = [use for use in self.uses if (use[0], use[2]) not in allowed]
        used = {(use[0], use[2]) for use in self.uses}
        self.uses, self.marks = kept, collections.Counter(use[2] for use in kept)
        return [entry for entry in allowed if entry not in used]


def count(root, paths):
    result = Count()
    for path in paths:
        for source in sources(root / path):
            result.add(str(source.relative_to(root)), source.read_text(encoding="utf-8"))
    return result


def wrong_marks(result):
    low = [mark for mark, bound in AT_LEAST.items() if result.per_thousand(mark) < bound]
    return low + [mark for mark, bound in AT_MOST.items() if result.per_thousand(mark) > bound]


def check(root):
    result = count(root, PRODUCT)
    stale = result.drop_allowed(ALLOWED)
    for name, mark in stale:
        print(f"{name}: allows '{mark}', which is not there")
    wrong = print_counts("comments", result, wrong_marks(result))
    pages = count(root, PAGES)
    wrong += print_counts("pages", pages, [mark for mark in wrong_marks(pages) if mark in AT_MOST])
    return 1 if wrong or stale else 0


def print_counts(what, result, wrong):
    for name, line, mark, text in result.uses:
        if mark in wrong and mark in AT_MOST:
            print(f"{name}:{line}: {mark}: …{text}…")
    for mark in MARKS:
        bound = f"at least {AT_LEAST[mark]}" if mark in AT_LEAST else f"at most {AT_MOST[mark]}"
        print(f"{what}: {mark:12} {result.marks[mark]:5} {result.per_thousand(mark):6.2f} per thousand of {result.words}, {bound}"
              f"{', WRONG' if mark in wrong else ''}")
    return wrong


def print_rooms(root):
    print(f"{'room':24} {'words':>6}" + "".join(f" {mark:>12}" for mark in MARKS))
    for room in (*ROOMS, *PRODUCT):
        result = count(root, [room])
        print(f"{room:24} {result.words:6}" + "".join(f" {result.marks[mark]:4} {result.per_thousand(mark):7.2f}" for mark in MARKS))


def print_files(paths):
    for path in paths:
        for name, line, mark, text in count(pathlib.Path("."), [path]).uses:
            if mark in AT_MOST:
                print(f"{name}:{line}: {mark}: …{text}…")


EXAMPLES = [  # source, marks
    ("// Returns the size.", ["returns"]),
    ("/// f gives the size.", ["gives"]),
    ("/* It gives\n * and gives. */", ["gives", "gives"]),
    ("int a;  ///< what lies here\nint b;  ///< stands alone", ["lies", "stands"]),
    ("// What is written is kept.", ["What …"]),
    ("// It is so. What others wrote is kept.", ["What …"]),
    ("// Kept: What is new.", ["What …"]),
    ("// What is this? Nobody knows.", []),
    ("// Returns what is written.", ["returns"]),
    ("// A name that\n// is none.", ["is none"]),
    ("// Others are passed\n// over.", ["passed over"]),
    ("// The caller is told, and tells.", ["tells", "tells"]),
    ("// One behind the other.", ["behind"]),
    ('f("// gives"); g(\'"\'); // lies', ["lies"]),
    ('f(R"x(// gives " )" )x"); // told', ["tells"]),
    ("int gives = stands(lies);", []),
    ("const auto n = 1'000'000;  // stands", ["stands"]),
]


PAGE = """# What a page is
It `gives` nothing.

- It
  gives.
- What is replaced is kept.
| told | a |
```cpp
lies();
```
"""


def self_test():
    wrong = []
    page = Count()
    page.add("page.md", PAGE)
    if [(use[1], use[2]) for use in page.uses] != [(4, "gives"), (6, "What …"), (7, "tells")]:
        wrong.append(f"the page: {page.uses}")
    for source, marks in EXAMPLES:
        result = Count()
        result.add("example", source)
        if sorted(use[2] for use in result.uses) != sorted(marks):
            wrong.append(f"{source!r}: {[use[2] for use in result.uses]}, expected {marks}")
    many = Count()
    many.add("example", "// gives " + "word " * 3000)
    many.add("example", "// gives " + "word " * 3000)
    if wrong_marks(many) != ["returns", "gives"]:
        wrong.append(f"two uses in 6,000 words are above the bound: {wrong_marks(many)}")
    if many.drop_allowed({("example", "gives"): "", ("other", "lies"): ""}) != [("other", "lies")] or many.marks:
        wrong.append("the allow list allows nothing, or an entry that is not used is not seen")
    print("\n".join(wrong) or "every mark is found")
    return 1 if wrong else 0


def main(arguments):
    if arguments == ["--self-test"]:
        return self_test()
    if arguments[:1] == ["--files"]:
        return print_files(arguments[1:])
    if len(arguments) == 2 and arguments[0] == "--rooms":
        return print_rooms(pathlib.Path(arguments[1]))
    if len(arguments) != 1 or arguments[0].startswith("-"):
        sys.exit(__doc__)
    return check(pathlib.Path(arguments[0]))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
