# SPDX-License-Identifier: Apache-2.0
"""Runs pkigen and checks what it prints for programs, JSON and YAML, against doc/schema."""

import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

try:
    import jsonschema
    import yaml
except ImportError:  # a python3 that is not the distribution's, which has the packages
    if os.path.realpath(sys.executable) == os.path.realpath("/usr/bin/python3"):
        raise
    os.execv("/usr/bin/python3", ["/usr/bin/python3", *sys.argv])

SCHEMAS = pathlib.Path(__file__).resolve().parents[2] / "doc/schema"
DATE = re.compile(r"(?:[0-9]{4})-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]+)?"
                  r"(?:Z|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])")

formats = jsonschema.FormatChecker(formats=())


@formats.checks("date-time")
def is_date_time(value):
    """jsonschema has this check only where another package is installed."""
    return not isinstance(value, str) or DATE.fullmatch(value) is not None


class Schemas:
    """The schemas by the kind that they describe."""

    def __init__(self):
        schemas = [json.loads(path.read_text(encoding="utf-8")) for path in SCHEMAS.glob("*.json")]
        for schema in schemas:
            jsonschema.Draft202012Validator.check_schema(schema)
        self.by_kind = {schema["title"]: schema for schema in schemas}
        self.seen = {kind: set() for kind in self.by_kind}

    def open_objects(self):
        """The places of objects that would accept any member, and of members that nobody requires or allows to be absent."""
        def walk(value, place):
            if isinstance(value, dict):
                if value.get("type") == "object" and value.get("additionalProperties") is not False:
                    yield place
                if value.get("type") == "object" and not set(value.get("required", ())) <= set(value.get("properties", ())):
                    yield place + " (requires what it does not have)"
                for key, item in value.items():
                    yield from walk(item, f"{place}/{key}")
            elif isinstance(value, list):
                for number, item in enumerate(value):
                    yield from walk(item, f"{place}/{number}")
        return [place for kind, schema in self.by_kind.items() for place in walk(schema, kind)]

    def errors(self, document):
        """What is wrong with a document, one line each."""
        kind = document.get("kind") if isinstance(document, dict) else None
        if kind not in self.by_kind:
            return [f"no schema for the kind {kind!r}"]
        schema = self.by_kind[kind]
        validator = jsonschema.Draft202012Validator(schema, format_checker=formats)
        self.seen[kind] |= members(document)
        return [f"{kind}: {'/'.join(map(str, error.absolute_path))}: {error.message[:300]}" for error in validator.iter_errors(document)]

    def unseen(self):
        """Members that a schema has at its top and no document had."""
        return [f"{kind}.{name}" for kind, schema in self.by_kind.items()
                for name in schema["properties"] if name not in self.seen[kind]]


def members(document):
    return set(document)


def refuse_duplicates(pairs):
    names = [name for name, _ in pairs]
    if len(names) != len(set(names)):
        raise ValueError(f"a member twice: {names}")
    return dict(pairs)


def refuse_constant(name):
    raise ValueError(f"{name} is no JSON")


def parse(octets):
    """Exactly one JSON document in UTF-8, without duplicate members; raises ValueError otherwise."""
    text = octets.decode("utf-8")
    assert text.endswith("\n") and not text.startswith((" ", "\n")), "one document ends with one line break"
    bad = [c for c in text if (ord(c) < 0x20 and c != "\n") or 0x7f <= ord(c) < 0xa0]
    if bad:
        raise ValueError(f"control characters: {bad}")
    return json.loads(text, object_pairs_hook=refuse_duplicates, parse_constant=refuse_constant)


class Run:
    def __init__(self, done):
        self.status, self.stdout, self.stderr = done.returncode, done.stdout, done.stderr.decode(errors="replace")

    def errors(self):
        return [line for line in self.stderr.splitlines() if line.startswith("error: ")]


class World:
    """A fresh directory, and the command under test in it."""

    def __init__(self, pkigen):
        self.pkigen = os.path.abspath(pkigen)
        self.schemas = Schemas()
        self.failures = []
        self._folder = tempfile.TemporaryDirectory(prefix="pkigen-json-")
        self.root = pathlib.Path(self._folder.name)

    def run(self, *words, **more):
        words = [self.pkigen, *(word if isinstance(word, bytes) else str(word) for word in words)]
        more.setdefault("stdout", subprocess.PIPE)
        return Run(subprocess.run(words, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, cwd=self.root, check=False, timeout=120, **more))

    def expect(self, what, condition, *details):
        if not condition:
            self.failures.append(f"{what}: {' '.join(str(detail) for detail in details)}")

    def document(self, what, run, kind):
        """The one document on stdout, which is of this kind and fits its schema; an empty one where it does not."""
        try:
            document = parse(run.stdout)
        except (ValueError, AssertionError) as error:
            self.expect(what, False, error, "stdout:", run.stdout[:300], "stderr:", run.stderr[:600])
            return {}
        self.expect(what, document.get("kind") == kind, f"kind {document.get('kind')}, expected {kind}", run.stderr[:600])
        for error in self.schemas.errors(document):
            self.expect(what, False, error)
        return document

    def yaml_document(self, what, run, kind):
        """As document, for YAML, which an independent parser reads."""
        try:
            document = yaml.safe_load(run.stdout.decode("utf-8"))
        except (ValueError, yaml.YAMLError) as error:
            self.expect(what, False, error, "stdout:", run.stdout[:300], "stderr:", run.stderr[:600])
            return {}
        if not isinstance(document, dict):
            self.expect(what, False, "no mapping:", run.stdout[:300], run.stderr[:600])
            return {}
        self.expect(what, document.get("kind") == kind, f"kind {document.get('kind')}, expected {kind}", run.stderr[:600])
        for error in self.schemas.errors(document):
            self.expect(what, False, "YAML:", error)
        return document

    def finish(self):
        for failure in self.failures:
            print(failure)
        print(f"{len(self.failures)} failures")
        sys.exit(1 if self.failures else 0)
