#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""pkigen accepts the configurations that kubeadm accepts, with the same effect, and refuses those that kubeadm refuses.

usage: parity.py PKIGEN RESULTS [CASE…]      only the cases so named, and then nothing is kept for the page
"""

import sys
import time

from common import Results, Tools, fail, scratch
from corpus import CORPUS
from differences import CONFIGURATION, Differences
from differential import compare


def attempt(tools, text, root, by_pkigen):
    """Returns exit status, output, and the facts about the files."""
    top = root / "etc/kubernetes"
    top.mkdir(parents=True)
    text = text.replace("RELEASE", tools.version).replace("DIR", f"{root if by_pkigen else ''}/etc/kubernetes/pki")
    (root / "kubeadm.yaml").write_bytes(text.encode())
    starts = [time.time()] * 2
    if by_pkigen:
        done = tools.run_pkigen("init", "--naming", "kubeadm", "--config", root / "kubeadm.yaml", "--kubeconfig-dir", top, check=False)
    else:
        done = tools.run_kubeadm(root, "init", "phase", "certs", "all", "--config", "/kubeadm.yaml", check=False)
        if done.returncode == 0:
            starts[1] = time.time()
            done = tools.run_kubeadm(root, "init", "phase", "kubeconfig", "all", "--config", "/kubeadm.yaml", check=False)
    return done, tools.facts(top, *starts) if done.returncode == 0 else {}


def check_case(tools, name, text, differences, results):
    """Returns None or the kind of the difference, and what the tools said about it."""
    with scratch() as root:
        ours, mine = attempt(tools, text, root / "pkigen", True)
        theirs, other = attempt(tools, text, root / "kubeadm", False)
        left = list((root / "pkigen/etc/kubernetes").iterdir())
        if ours.returncode == 0 and not (root / "pkigen/etc/kubernetes/pki").exists():
            fail(f"{name} has no certificatesDir: pkigen writes into the directory of this host")
        if ours.returncode == 0:
            results.collect(root / "pkigen", f"case-{list(CORPUS).index(name)}")
    results.count("configurations")
    if ours.returncode not in (0, 2):
        return f"pkigen exits {ours.returncode}", ours.stderr
    if ours.returncode == 2 and left:
        return "pkigen refuses and leaves something", str(left)
    if (ours.returncode == 0) != (theirs.returncode == 0):
        said = ours.stderr if ours.returncode else theirs.stderr
        return ("pkigen refuses" if ours.returncode else "pkigen accepts") + ", kubeadm does not", said
    if ours.returncode:
        results.count("refused by both")
        return None, ours.stderr
    compared, found = compare(name, mine, other, differences)
    results.count("fields", compared)
    if found:
        return "the effect differs", "\n".join(found)
    results.count("accepted by both")
    return None, ""


def main(pkigen, folder, *only):
    tools, differences, results = Tools(pkigen), Differences(), Results(folder, "parity")
    unexpected, reasons = [], {}
    for name in only or CORPUS:
        what, said = check_case(tools, name, CORPUS[name], differences, results)
        wanted = CONFIGURATION.get(name)
        if wanted and wanted[0] == what:
            reasons[wanted[1]] = reasons.get(wanted[1], 0) + 1
            results.count("wanted differences")
        elif what or wanted:
            unexpected.append(f"{name}: {what or 'both agree'}, expected {wanted[0] if wanted else 'agreement'}\n{said}")
        if only:
            print(name, what, said)
    unexpected += [f"no case is named {name}" for name in CONFIGURATION if name not in CORPUS]
    for each in unexpected:
        print(each, file=sys.stderr)
    if unexpected:
        fail(f"{len(unexpected)} cases")
    if not only:
        results.done(reasons=reasons)


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    main(*sys.argv[1:])
