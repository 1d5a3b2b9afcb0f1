#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Prints the figures that the earlier tests left, and compares the differences they saw with the lists of README.md.

usage: page.py RESULTS [--update]     --update writes README.md instead
"""

import difflib
import json
import os
import pathlib
import sys

from common import HERE, fail, peers, run

EXCHANGES = ["ours", "kubeadms", "external", "old", "missing", "ending"]
BEGIN, END = "<!-- made by page.py: begin -->\n", "<!-- made by page.py: end -->\n"


def load(folder, name):
    path = folder / f"{name}.json"
    if not path.exists():
        fail(f"the test that leaves {path.name} has not run")
    return json.loads(path.read_text())


def versions():
    """Returns the versions of the peers, as the programs print them."""
    programs = peers("verifier", "kubeadm", "etcd")
    found = json.loads(run([programs["verifier"], "versions"]).stdout)
    found["Kubernetes"] = run([programs["kubeadm"], "version", "-o", "short"]).stdout.strip().removeprefix("v")
    found["etcd"] = run([programs["etcd"], "--version"]).stdout.split()[2]
    return found


def comparisons(folder):
    differential, parity = load(folder, "differential"), load(folder, "parity")
    exchange = {}
    for part in EXCHANGES:
        for what, count in load(folder, f"exchange-{part}").items():
            exchange[what] = exchange.get(what, 0) + count
    yield ("The same configuration file given to both", f"{differential['configurations']} configurations, {differential['files']} files, "
           f"{differential['fields']} fields", "0 differences outside the list")
    yield ("Each on the other's files, three reports each time at the same instant",
           f"{exchange['trees']} trees, {exchange['reports compared']} reports, {exchange['checks']} checks", "0 failures")
    yield ("What kubeadm accepts and refuses as configuration",
           f"{parity['configurations']} files: {parity['accepted by both']} accepted, {parity['refused by both']} refused by both, "
           f"{parity['wanted differences']} on the list", "0 differences outside the list")


def control_planes(folder):
    for algorithm in ("RSA-2048", "ECDSA-P256"):
        for naming in ("recommended", "kubeadm"):
            run_ = load(folder, f"control-plane-{algorithm}-{naming}")
            yield (f"A control plane on {algorithm}, naming `{naming}`", f"{run_['questions asked']} questions",
                   f"{run_['answered as they must be']} answered as they must be")
    run_ = load(folder, "control-plane-ECDSA-P256-recommended-elsewhere")
    yield ("A control plane whose CA keys are elsewhere, with `pkigen csr`", f"{run_['questions asked']} questions",
           f"{run_['answered as they must be']} answered as they must be")


def verifiers(folder):
    result = load(folder, "verifiers")
    for name, count in result["verifiers"].items():
        if count != result["certificates"]:
            fail(f"{name} saw {count} of {result['certificates']} certificates")
    yield (f"{', '.join(result['verifiers'])}", f"each of {result['certificates']} certificates", f"{result['findings']} findings outside the list")


def figures(folder):
    """Yields the versions of the peers and the counts of this run."""
    found = versions()
    yield (f"The peers: kubeadm, kubectl, kube-apiserver, kube-controller-manager and kube-scheduler {found['Kubernetes']}, "
           f"etcd {found['etcd']}, zlint {found['zlint']}, crypto/x509 of {found['go'].replace('go', 'Go ')}.\n\n")
    yield "| what | how many | result |\n|---|---|---|\n"
    for part in (comparisons, control_planes, verifiers):
        yield from (f"| {' | '.join(row)} |\n" for row in part(folder))


def reasons(folder):
    """Yields the lists of README.md: the intended differences that were seen in this run."""
    for name, title in (("differential", "Files that differ from kubeadm's"), ("parity", "Configurations that are read differently"),
                        ("verifiers", "Findings of verifiers that are accepted")):
        found = load(folder, name)["reasons"]
        if found:
            yield f"\n### {title}\n\n"
            yield from (f"- {reason}\n" for reason in found)


def main(folder, update=""):
    checked_in = HERE / "README.md"
    text = checked_in.read_text(encoding="utf-8")
    head, rest = text.split(BEGIN)
    made = head + BEGIN + "".join(reasons(pathlib.Path(folder))) + "\n" + END + rest.split(END)[1]
    (pathlib.Path(folder) / "README.md").write_text(made, encoding="utf-8")
    print("".join(figures(pathlib.Path(folder))))
    if update:
        checked_in.write_text(made, encoding="utf-8")
    elif made != text:
        sys.stdout.writelines(difflib.unified_diff(text.splitlines(True), made.splitlines(True), "README.md", "this run"))
        if not os.environ.get("PKIGEN_PEERS"):
            fail("README.md lists other differences; page.py RESULTS --update writes it")


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    main(*sys.argv[1:])
