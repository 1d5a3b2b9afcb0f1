#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Sixteen key pairs and self-signed certificates by other commands, called once for each, as scripts do it. No goal."""

import json
import shutil

import common

KEYS = 16


def commands(base):
    request = base / "request.json"
    request.write_text(json.dumps({"CN": "x", "key": {"algo": "rsa", "size": 2048}}))
    return {
        "openssl": ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=x", "-keyout", base / "key", "-out",
                    base / "certificate"],
        "cfssl": ["selfsign", "x", request],
        "step": ["certificate", "create", "x", base / "certificate", base / "key", "--profile", "self-signed", "--subtle",
                 "--no-password", "--insecure", "--force", "--kty", "RSA", "--size", "2048"],
    }


def rows(bench):
    with common.Place(bench, "RSA-2048", bench.memory_dir) as place:
        for name, words in commands(place.base).items():
            peer = common.find_peer(name) or shutil.which(name)
            ours, theirs = bench.paired(lambda: init(bench), (lambda: common.run(*[[peer, *words]] * KEYS)) if peer else None,
                                        3)
            yield common.Row("init, RSA-2048, 16 key pairs", f"{name}, {KEYS} calls", "", common.milliseconds(ours),
                             common.milliseconds(theirs))


def init(bench):
    with common.Place(bench, "RSA-2048", bench.memory_dir) as place:
        return common.run(place.init_command())


if __name__ == "__main__":
    common.main(rows)
