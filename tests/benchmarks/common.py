# SPDX-License-Identifier: Apache-2.0
"""What the benchmarks share: peers, measuring a command, paired runs, and the row of the table that comes out.

Each script of this folder measures one piece of work and is called as

    SCRIPT.py PKIGEN PKI_BENCH [--runs N]

PKIGEN is a release build, PKI_BENCH the program of bench.hpp. Peers are taken from $PKIGEN_PEERS, the newest folder of
the cache that the conformance tests fill, or the PATH; where one is absent its row says so.
"""

import argparse
import dataclasses
import json
import os
import pathlib
import re
import shutil
import statistics
import subprocess
import sys
import tempfile


@dataclasses.dataclass
class Cost:
    """One run: seconds, seconds of all cores, peak memory in MiB."""

    wall: float
    cpu: float
    memory: float


@dataclasses.dataclass
class Row:
    """One line of the results. Values are of paired runs; `ratio` is ours over theirs unless `faster`."""

    work: str
    against: str
    goal: str = ""
    ours: list = dataclasses.field(default_factory=list)
    theirs: list = dataclasses.field(default_factory=list)
    unit: str = "ms"
    faster: bool = True  # show theirs over ours: "times faster"
    wanted: float = 0  # of what is shown: at least this where `faster`, else at most
    note: str = ""

    def ratios(self):
        pairs = zip(self.theirs, self.ours) if self.faster else zip(self.ours, self.theirs)
        return [a / b for a, b in pairs if b]

    def reached(self):
        if not self.wanted or not self.theirs:
            return None
        ratio = statistics.median(self.ratios())
        return ratio >= self.wanted if self.faster else ratio <= self.wanted


TOOL = ""  # pki-bench, once it is known


class Bench:
    def __init__(self, pkigen, tool, runs):
        global TOOL
        TOOL = tool
        self.pkigen, self.tool, self.runs = pkigen, tool, runs
        self.kubeadm = find_peer("kubeadm")
        self.memory_dir = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None

    def tool_number(self, *arguments):
        """The numbers that pki-bench prints."""
        out = subprocess.run([self.tool, *map(str, arguments)], check=True, capture_output=True, text=True).stdout
        return [float(word) for word in out.split()]

    def paired(self, ours, theirs, runs=None):
        """Runs both in turn, so that whatever else the machine does meets both."""
        pairs = [(ours(), theirs() if theirs else None) for _ in range(runs or self.runs)]
        return [a for a, _ in pairs], [b for _, b in pairs if b is not None]


def find_peer(name):
    folders = [pathlib.Path(os.environ["PKIGEN_PEERS"])] if os.environ.get("PKIGEN_PEERS") else []
    cache = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache", "pkigen/peers")
    if cache.is_dir():
        folders += sorted(cache.iterdir(), key=lambda f: [int(n) for n in re.findall(r"\d+", f.name)], reverse=True)
    for folder in folders:
        if os.access(folder / name, os.X_OK) and (folder / name).is_file():
            return str(folder / name)
    return shutil.which(name)


def version_of(path, *arguments):
    if not path:
        return "absent"
    out = subprocess.run([path, *arguments], capture_output=True, text=True)
    return (out.stdout or out.stderr).strip().splitlines()[0]


def run(*commands):
    """The cost of some commands, one after the other."""
    total = Cost(0, 0, 0)
    for command in commands:
        done = subprocess.run([str(word) for word in (TOOL, "measure", *command)], capture_output=True, text=True)
        code, wall, cpu, memory = (float(word) for word in done.stdout.split()[-4:])
        if code:
            sys.exit(f"{command} failed ({code:.0f}):\n{done.stderr}")
        total = Cost(total.wall + wall, total.cpu + cpu, max(total.memory, memory))
    return total


class Place:
    """A fresh directory with a PKI in it, by pkigen or by kubeadm; a context."""

    def __init__(self, bench, algorithm, where=None):
        self.bench, self.algorithm, self.where = bench, algorithm, where

    def __enter__(self):
        self.temporary = tempfile.TemporaryDirectory(dir=self.where)
        self.base = pathlib.Path(self.temporary.name)
        self.pki = self.base / "k/pki"
        (self.base / "k").mkdir()
        return self

    def __exit__(self, *_):
        self.temporary.cleanup()

    def init_command(self):
        return [self.bench.pkigen, "init", "--cert-dir", self.pki, "--node-name", "cp-1", "--apiserver-advertise-address",
                "192.0.2.1", "--control-plane-endpoint", "cp.example:6443", "--encryption-algorithm", self.algorithm]

    def config(self, inside=""):
        """kubeadm's configuration; with `inside` for a kubeadm that sees the place as its root."""
        path = self.base / f"kubeadm{inside}.yaml"
        pki = "/k/pki" if inside else self.pki
        path.write_text("apiVersion: kubeadm.k8s.io/v1beta4\nkind: InitConfiguration\n"
                        "localAPIEndpoint: {advertiseAddress: 192.0.2.1}\nnodeRegistration: {name: cp-1}\n---\n"
                        "apiVersion: kubeadm.k8s.io/v1beta4\nkind: ClusterConfiguration\n"
                        f"kubernetesVersion: {self.kubernetes_version()}\ncertificatesDir: {pki}\n"
                        f"controlPlaneEndpoint: cp.example:6443\nencryptionAlgorithm: {self.algorithm}\n")
        return path

    def kubernetes_version(self):
        return version_of(self.bench.kubeadm, "version", "-o", "short")

    def kubeadm_init_commands(self):
        config = self.config()
        return [[self.bench.kubeadm, "init", "phase", "certs", "all", "--config", config],
                [self.bench.kubeadm, "init", "phase", "kubeconfig", "all", "--config", config, "--kubeconfig-dir",
                 self.base / "k"]]


def init_costs(bench, algorithm, where, runs=None):
    """Costs of pkigen init and, where it is there, of kubeadm for the same set."""

    def ours():
        with Place(bench, algorithm, where) as place:
            return run(place.init_command())

    def theirs():
        with Place(bench, algorithm, where) as place:
            return run(*place.kubeadm_init_commands())

    return bench.paired(ours, theirs if bench.kubeadm else None, runs)


def milliseconds(costs):
    return [cost.wall * 1000 for cost in costs]


def text_of(values, unit):
    if not values:
        return "absent"
    digits = 0 if statistics.median(values) >= 100 else 1 if statistics.median(values) >= 10 else 2
    middle, low, high = (f"{value:.{digits}f}" for value in (statistics.median(values), min(values), max(values)))
    return f"{middle} {unit}" if len(values) == 1 else f"{middle} ({low} to {high}) {unit}"


def ratio_text(row):
    ratios = row.ratios()
    if not ratios:
        return "–"
    middle = statistics.median(ratios)
    return f"{middle:.1f} times faster" if row.faster and middle >= 1 else f"{middle:.2f}"


def show(row):
    reached = {None: "", True: "reached", False: "NOT REACHED"}[row.reached()]
    print(f"{row.work}\n    pkigen {text_of(row.ours, row.unit)}, {row.against} {text_of(row.theirs, row.unit)}: "
          f"{ratio_text(row)}{', goal ' + row.goal if row.goal else ''} {reached}{' – ' + row.note if row.note else ''}",
          flush=True)


def main(rows):
    """Runs the function `rows` of one script and prints its result, or writes it as JSON for results.py."""
    parser = argparse.ArgumentParser()
    parser.add_argument("pkigen", type=pathlib.Path)
    parser.add_argument("bench", type=pathlib.Path)
    parser.add_argument("--runs", type=int, default=9)
    parser.add_argument("--json", type=pathlib.Path)
    options = parser.parse_args()
    made = []
    for row in rows(Bench(options.pkigen.resolve(), options.bench.resolve(), options.runs)):
        show(row)
        made.append(dataclasses.asdict(row))
    if options.json:
        options.json.write_text(json.dumps(made))
