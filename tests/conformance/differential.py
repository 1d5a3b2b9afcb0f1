#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""pkigen and kubeadm make a PKI from the same configuration file, and everything about the files is compared.

usage: differential.py PKIGEN RESULTS [NAME…]      only the configurations so named, and then nothing is kept for the page
"""

import re
import sys
import time

from common import Results, Tools, fail, scratch
from configurations import CONFIGURATIONS
from differences import Differences


def make_with_kubeadm(tools, configuration, root):
    (root / "etc/kubernetes").mkdir(parents=True, exist_ok=True)
    (root / "kubeadm.yaml").write_text(configuration.text("", tools.version))
    starts = []
    for phase in ("certs", "kubeconfig"):
        starts.append(time.time())
        tools.run_kubeadm(root, "init", "phase", phase, "all", "--config", "/kubeadm.yaml")
    return starts


def make_with_pkigen(tools, configuration, root, naming="kubeadm"):
    (root / "etc/kubernetes").mkdir(parents=True, exist_ok=True)
    (root / "kubeadm.yaml").write_text(configuration.text(root, tools.version))
    start = time.time()
    tools.run_pkigen("init", "--naming", naming, "--config", root / "kubeadm.yaml", "--kubeconfig-dir",
                     root / "etc/kubernetes")
    return [start, start]


def facts_of(tools, configuration, root, starts):
    """The facts below /etc/kubernetes, with the certificates under the name pki wherever they are."""
    top = root / "etc/kubernetes"
    relative = configuration.directory.removeprefix("/etc/kubernetes/")
    if relative != "pki":
        (root / configuration.directory[1:]).rename(top / "pki")
    return tools.facts(top, *starts)


def make_with_both(tools, name, results):
    configuration = CONFIGURATIONS[name]
    with scratch() as root:
        ours, theirs = root / "pkigen", root / "kubeadm"
        starts = make_with_pkigen(tools, configuration, ours)
        mine = facts_of(tools, configuration, ours, starts)
        starts = make_with_kubeadm(tools, configuration, theirs)
        other = facts_of(tools, configuration, theirs, starts)
        results.collect(ours, re.sub(r"\W+", "-", name))
    return mine, other


def compare(name, ours, theirs, differences):
    """Every field of every file; what differs must be on the list."""
    compared, unexpected = 0, []
    for path in sorted(set(ours) | set(theirs)):
        mine, other = ours.get(path, {"exists": "no"}), theirs.get(path, {"exists": "no"})
        if "exists" in mine or "exists" in other:
            mine, other = {"exists": mine.get("exists", "yes")}, {"exists": other.get("exists", "yes")}
        for field in sorted(set(mine) | set(other)):
            if field.startswith("~"):
                continue
            compared += 1
            a, b = mine.get(field, "(none)"), other.get(field, "(none)")
            if a != b and not differences.explains(path, field, a, b, other):
                unexpected.append(f"{name}: {path}: {field}\n    pkigen:  {a}\n    kubeadm: {b}")
    return compared, unexpected


def main(pkigen, folder, *only):
    tools, differences, results = Tools(pkigen), Differences(), Results(folder, "differential")
    unexpected = []
    for name in only or CONFIGURATIONS:
        try:
            mine, other = make_with_both(tools, name, results)
        except SystemExit:
            unexpected.append(f"{name}: a tool refused it")
            continue
        compared, found = compare(name, mine, other, differences)
        results.count("configurations")
        results.count("files", len(mine))
        results.count("fields", compared)
        unexpected += found
        print(f"{name}: {compared} fields, {len(found)} differences that no reason explains", flush=True)
    for each in unexpected:
        print(each, file=sys.stderr)
    if only:
        sys.exit(1 if unexpected else 0)
    unused = differences.unused()
    if unexpected or unused:
        fail(f"{len(unexpected)} differences outside the list; entries of the list that explain nothing: {unused}")
    results.count("wanted differences", len(differences.used()))
    results.done(reasons=differences.used())


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    main(*sys.argv[1:])
