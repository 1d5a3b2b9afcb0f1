#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs every benchmark of this directory, prints the table and writes it to DIR/RESULTS.md, its bars to DIR/results.svg.

usage: results.py PKIGEN PKI_BENCH --output DIR [--runs N] [--only NAME,...]
"""

import argparse
import datetime
import html
import json
import math
import os
import pathlib
import platform
import re
import statistics
import subprocess
import sys
import tempfile
import time

import common

HERE = pathlib.Path(__file__).parent
SCRIPTS = ("init_rsa", "init_ecdsa", "check_expiration", "check_many", "renew", "clients", "start", "rsa", "others")


def first_match(path, pattern):
    try:
        found = re.search(pattern, pathlib.Path(path).read_text(), re.M)
    except OSError:
        return None
    return found and found.group(1).strip()


def machine():
    model = first_match("/proc/cpuinfo", r"^model name\s*:\s*(.*)$") or platform.machine()
    memory = int(first_match("/proc/meminfo", r"^MemTotal:\s*(\d+)") or 0) / 2**20
    flags = (first_match("/proc/cpuinfo", r"^flags\s*:\s*(.*)$") or "").split()
    known = [flag for flag in ("bmi2", "adx", "avx2", "avx512ifma") if flag in flags]
    system = first_match("/etc/os-release", r'^PRETTY_NAME="?([^"\n]*)') or platform.system()
    file_system = subprocess.run(["df", "--output=fstype", tempfile.gettempdir()], capture_output=True, text=True)
    return [("processor", f"{model}, {len(os.sched_getaffinity(0))} cores, {' '.join(known)}"),
            ("memory", f"{memory:.0f} GiB"),
            ("system", f"{system}, Linux {platform.release()}"),
            ("disk", f"{(file_system.stdout.split() or ['?'])[-1]} below the temporary directory"),
            ("load before", f"{os.getloadavg()[0]:.2f}")]


def versions(pkigen):
    kubeadm = common.find_peer("kubeadm")
    return [("pkigen", common.version_of(pkigen, "version")),
            ("kubeadm", common.version_of(kubeadm, "version", "-o", "short")),
            ("openssl", common.version_of(common.find_peer("openssl"), "version")),
            ("cfssl", re.sub(r"^Version:\s*", "", common.version_of(common.find_peer("cfssl"), "version"))),
            ("step", common.version_of(common.find_peer("step"), "version"))]


def measure(options):
    rows = []
    for name in SCRIPTS:
        if options.only and name not in options.only:
            continue
        print(f"==> {name}", flush=True)
        with tempfile.NamedTemporaryFile(suffix=".json") as out:
            done = subprocess.run([sys.executable, HERE / f"{name}.py", options.pkigen, options.bench, "--runs",
                                   str(options.runs), "--json", out.name])
            if done.returncode == 0:
                rows += [common.Row(**row) for row in json.load(out)]
            else:
                rows.append(common.Row(f"{name}.py", "nothing", note="failed"))
    return rows


def table(rows):
    lines = ["| work | pkigen | against | | ratio | goal | |", "|---|---|---|---|---|---|---|"]
    for row in rows:
        reached = {None: "", True: "reached", False: "**not reached**"}[row.reached()]
        work = row.work + (f" ({row.note})" if row.note else "")
        lines.append(f"| {work} | {common.text_of(row.ours, row.unit)} | {row.against} | "
                     f"{common.text_of(row.theirs, row.unit)} | {common.ratio_text(row)} | {row.goal} | {reached} |")
    return lines


def svg(rows):
    """Returns bars on a logarithmic axis: how many times faster, or smaller, pkigen is than the program compared with."""
    bars = [(row.work, row.against, statistics.median(a / b for a, b in zip(row.theirs, row.ours) if b), row)
            for row in rows if row.theirs and row.ours]
    if not bars:
        return ""
    left, width, step, top = 430, 430, 26, 40
    low = min(-0.5, math.log10(min(value for _, _, value, _ in bars)))
    high = max(1.0, math.log10(max(value for _, _, value, _ in bars)))

    def x(value):
        return left + (math.log10(value) - low) / (high - low) * width

    height = top + step * len(bars) + 40
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {left + width + 90} {height}" font-family="sans-serif" '
           'font-size="12">', f'<rect width="100%" height="100%" fill="#ffffff"/>',
           '<text x="10" y="20" font-size="14">Times faster, or smaller, than the program compared with '
           '(logarithmic; the mark is the goal)</text>']
    for power in range(math.ceil(low), math.floor(high) + 1):
        at = x(10**power)
        out.append(f'<line x1="{at:.1f}" x2="{at:.1f}" y1="{top - 8}" y2="{height - 28}" '
                   f'stroke="{"#888888" if power == 0 else "#dddddd"}"/>')
        out.append(f'<text x="{at:.1f}" y="{height - 12}" text-anchor="middle">{10**power:g}</text>')
    for i, (work, against, value, row) in enumerate(bars):
        y = top + step * i
        start, end = sorted((x(1), x(value)))
        colour = {None: "#8899aa", True: "#2a7f62", False: "#b5533c"}[row.reached()]
        out.append(f'<text x="{left - 8}" y="{y + 13}" text-anchor="end">'
                   f'{html.escape(work[:44])} – {html.escape(against[:26])}</text>')
        out.append(f'<rect x="{start:.1f}" y="{y + 2}" width="{max(1, end - start):.1f}" height="15" fill="{colour}"/>')
        out.append(f'<text x="{end + 5:.1f}" y="{y + 14}">{value:.2g}</text>')
        if row.wanted:
            goal = x(row.wanted if row.faster else 1 / row.wanted)
            if left <= goal <= left + width:
                out.append(f'<line x1="{goal:.1f}" x2="{goal:.1f}" y1="{y}" y2="{y + 19}" stroke="#000000" stroke-width="2"/>')
    return "\n".join(out + ["</svg>"]) + "\n"


def write(rows, facts, folder, seconds):
    lines = ["# Benchmarks", "", "Written by `tools/bench.sh`. Each figure is the median of runs that alternate with runs of the program",
             "it is compared with, then minimum and maximum; ratios are medians of the pairs.", ""]
    lines += [f"- {name}: {value}" for name, value in facts]
    lines += [f"- measured on {datetime.date.today()} in {seconds / 60:.0f} minutes", "", *table(rows), "",
              "![How many times faster](results.svg)", ""]
    (folder / "RESULTS.md").write_text("\n".join(lines))
    (folder / "results.svg").write_text(svg(rows))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pkigen", type=pathlib.Path)
    parser.add_argument("bench", type=pathlib.Path)
    parser.add_argument("--runs", type=int, default=9)
    parser.add_argument("--output", type=pathlib.Path, required=True)
    parser.add_argument("--only", type=lambda text: text.split(","))
    options = parser.parse_args()
    start = time.monotonic()
    facts = machine() + versions(options.pkigen)
    rows = measure(options)
    options.output.mkdir(parents=True, exist_ok=True)
    seconds = time.monotonic() - start
    write(rows, facts, options.output, seconds)
    print("\n".join(table(rows)))
    missed = sum(row.reached() is False for row in rows)
    print(f"\n{sum(row.reached() is True for row in rows)} goals reached, {missed} not, in {seconds:.0f} s; "
          f"{options.output / 'RESULTS.md'}")
    sys.exit(any(row.note == "failed" for row in rows))


if __name__ == "__main__":
    main()
