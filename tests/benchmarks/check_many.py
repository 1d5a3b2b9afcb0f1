#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`check-expiration --also` over 10,000 and 100,000 certificates, against a bare loop of d2i_X509 over the same bytes,
and the memory that a certificate takes."""

import shutil

import common

SIZES = (10_000, 100_000)


def fill(folder, certificate, count):
    for i in range(count):
        if i % 1000 == 0:
            place = folder / f"{i // 1000:03}"
            place.mkdir(parents=True)
        (place / f"{i:06}.crt").write_bytes(certificate)


def rows(bench):
    with common.Place(bench, "RSA-2048", bench.memory_dir) as place:
        common.run(place.init_command())
        base = [bench.pkigen, "check-expiration", "--cert-dir", place.pki, "--kubelet-dir", place.base / "none"]
        nothing = common.run(base).memory
        for count in SIZES:
            many = place.base / "many"
            fill(many, (place.pki / "apiserver.crt").read_bytes(), count)
            runs = 5 if count == SIZES[0] else 2
            for output in ("text", "json"):
                ours, loop = bench.paired(lambda: common.run([*base, "--also", many, "-o", output]),
                                          lambda: bench.tool_number("openssl-parse", many), runs)
                memory = max(cost.memory for cost in ours)
                yield common.Row(f"check-expiration, {count:,} certificates, {output}", "d2i_X509 in a loop",
                                 "within 1.5", common.milliseconds(ours), [times[0] for times in loop], faster=False,
                                 wanted=1.5, note=f"{memory:.0f} MiB, {(memory - nothing) * 1024 / count:.2f} KiB each")
            shutil.rmtree(many)


if __name__ == "__main__":
    common.main(rows)
