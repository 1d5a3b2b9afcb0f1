#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs the examples of the manual pages, each page in a directory of its own that has the place of /etc, /srv and /var.

usage: examples.py PKIGEN PAGES_DIR

An example is a block of lines in the form of tests/cli. Its commands must succeed; where it shows output, the command
must print that. `$ cat FILE` shows a file that the reader has, which is written instead.
"""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "cli"))
import transcript  # noqa: E402

SOURCE = pathlib.Path(__file__).resolve().parents[2]
BLOCK = re.compile(r"^\.EX\n(.*?)^\.EE\n", re.MULTILINE | re.DOTALL)
PLACE = re.compile(r"(?<![\w.~/])/(?=(etc|srv|var)/)")

# The default directories of pkigen are those of the host.
WRAPPER = """#!/bin/bash
case " $* " in
  *" --cert-dir "*) ;;
  " init "*|" renew "*|" check-expiration "*|" recover "*|" backups "*|" undo "*|" csr "*|" user "*) set -- "$@" --cert-dir "$WORK/etc/kubernetes/pki" ;;
  " bootstrap-token "*) set -- "$@" --kubeconfig "$WORK/etc/kubernetes/bootstrap-kubelet.conf" ;;
esac
# No API server is here: the command line is valid where the help is printed.
case " $* " in " csr submit "*|*" --use-api "*) set -- "$@" --help ;; esac
case $1 in check-expiration) set -- "$@" --kubelet-dir "$WORK/var/lib/kubelet/pki" ;; esac
exec "$PKIGEN" "$@"
"""
# Programs of the host. They check that they are called for something that exists.
KUBECTL = """#!/bin/bash
case "$*" in
  *"get configmap kubeadm-config"*) printf '%s\\n' 'apiVersion: v1' 'kind: ConfigMap' 'data:' '  ClusterConfiguration: |' \\
    '    apiVersion: kubeadm.k8s.io/v1beta4' '    kind: ClusterConfiguration' ;;
  *"apply -f -"*) grep -q '^ *kind: ClusterRoleBinding$' && test -s "$2" ;;
  *) exit 1 ;;
esac
"""
SYSTEMCTL = """#!/bin/bash
test "$1" = enable
for unit; do
  case $unit in *.timer|*.service) ls "$UNITS/$unit" "$UNITS/$unit.in" 2>/dev/null | grep -q . || exit 1 ;; esac
done
"""
# It has the fields that are asked for.
JQ = """#!/usr/bin/python3
import json, re, sys
rows, *fields = re.findall(r"[.](\\w+)", sys.argv[2])
print("\\n".join("\\t".join(row[field] or "" for field in fields) for row in json.load(sys.stdin)[rows]))
"""


def from_roff(text):
    return text.replace("\\-", "-").replace("\\&", "").replace("\\(aq", "'").replace("\\e", "\\")


def steps_of(page, work):
    text = "\n".join(from_roff(block) for block in BLOCK.findall(page.read_text(encoding="utf-8")))
    steps = transcript.parse(PLACE.sub(f"{work}/", text))
    for step in steps:
        step.stdout = step.stdout or ["..."]
        step.stderr = ["..."]
    return steps


def make_world(work, pkigen):
    (work / "bin").mkdir()
    for name, text in (("pkigen", WRAPPER), ("kubectl", KUBECTL), ("systemctl", SYSTEMCTL), ("jq", JQ), ("logger", "#!/bin/sh\n")):
        (work / "bin" / name).write_text(text)
        (work / "bin" / name).chmod(0o755)
    for directory in ("etc/kubernetes", "srv", "etc/default", "etc/ssl/certs", "var/lib/node_exporter", "var/lib/kubelet/pki"):
        (work / directory).mkdir(parents=True)
    return {"PATH": f"{work}/bin:{os.environ['PATH']}", "HOME": str(work), "WORK": str(work), "PKIGEN": pkigen,
            "UNITS": str(SOURCE / "tools/pkigen/systemd"), "LC_ALL": "C.UTF-8", "TZ": "UTC"}


def prepare(work, environment):
    """A PKI with a backup, which most examples begin with."""
    for words in (["init", "--node-name", "cp-1", "--apiserver-advertise-address", "192.168.10.11", "--encryption-algorithm", "ECDSA-P256",
                   "--with", "bootstrap-kubelet.conf"],
                  ["renew", "admin.conf"]):
        subprocess.run(["pkigen", *words], cwd=work, env=environment, check=True, capture_output=True)


def prepare_requests(work, environment, page):
    """A PKI whose CA keys are in /srv/pki, without two of its certificates, and what the examples of a page read."""
    def run(*words):
        subprocess.run(words, cwd=work, env=environment, check=True, capture_output=True)

    home = work / "etc/kubernetes"
    shutil.copytree(home / "pki", work / "srv/pki", dirs_exist_ok=True)
    shutil.copy(home / "pkigen.yaml", work / "node.yaml")
    for name in ("ca.key", "etcd/ca.key", "front-proxy-ca.key", "apiserver.crt", "apiserver.key", "etcd/server.crt", "etcd/server.key"):
        (home / "pki" / name).unlink()
    if page in ("pkigen-csr.1", "pkigen-csr-create.1"):
        return
    run("pkigen", "csr", "create", "--bundle", "requests.json", "--out", "requests")
    sign = ["pkigen", "csr", "sign", "--cert-dir", str(work / "srv/pki"), "--config", "node.yaml"]
    run(*sign, "requests/apiserver.csr", "--bundle", "certificates.json")
    run(*sign, "requests/etcd-server.csr", "--out", "signed")
    run("openssl", "req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", "prometheus.key",
        "-subj", "/O=monitoring/CN=prometheus", "-out", "prometheus.csr")


def run_page(page, pkigen):
    failed = 0
    with tempfile.TemporaryDirectory() as folder:
        work = pathlib.Path(folder).resolve()
        environment = make_world(work, pkigen)
        if page.name not in ("pkigen.1", "pkigen-init.1"):
            prepare(work, environment)
        if page.name.startswith("pkigen-csr"):
            prepare_requests(work, environment, page.name)
        steps = steps_of(page, work)
        for step in steps:
            if step.command.startswith("cat "):
                (work / step.command.split()[1]).write_text("\n".join(step.stdout) + "\n")
                continue
            findings = transcript.run(step, work, environment)
            if findings:
                failed += 1
                print(f"{page.name}: $ {step.command}", *findings, sep="\n")
    if not steps:
        print(f"{page.name}: no examples")
    return failed + (not steps), len(steps)


def main():
    pkigen, pages = os.path.abspath(sys.argv[1]), pathlib.Path(sys.argv[2])
    results = [run_page(page, pkigen) for page in sorted(pages.iterdir())]
    failed = sum(result[0] for result in results)
    print(f"{len(results)} pages, {sum(result[1] for result in results)} commands, {failed} failed")
    sys.exit(1 if failed or not results else 0)


main()
