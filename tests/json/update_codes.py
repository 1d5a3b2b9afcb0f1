#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the codes of doc/rules.md into the schemas of doc/schema, each of which is complete in itself.

usage: update_codes.py
"""

import json
import pathlib
import re

DOC = pathlib.Path(__file__).resolve().parents[2] / "doc"


def main():
    table = (DOC / "rules.md").read_text(encoding="utf-8").partition("|---|")[2]
    codes = re.findall(r"^\| ([a-z0-9-]+) \|", table, re.M)
    for path in (DOC / "schema").glob("*.json"):
        schema = json.loads(path.read_text(encoding="utf-8"))
        if "code" in schema.get("$defs", {}):
            schema["$defs"]["code"]["enum"] = codes
            path.write_text(json.dumps(schema, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
