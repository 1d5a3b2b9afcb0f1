# SPDX-License-Identifier: Apache-2.0
"""Shared by the scripts of this folder: the program under test, and expectations that end a script."""

import subprocess
import sys

PKIGEN = sys.argv[1]


def expect(condition, what):
    if not condition:
        sys.exit(f"FAILED: {what}")
    print(f"ok: {what}")


def pkigen(*arguments, **options):
    """Runs pkigen to its end; its output is captured unless the options say otherwise."""
    options = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE} | options
    return subprocess.run([PKIGEN, *map(str, arguments)], text=True, timeout=120, **options)
