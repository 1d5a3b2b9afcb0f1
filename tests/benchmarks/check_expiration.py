#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`check-expiration` over what init makes, against kubeadm: time and peak memory."""

import base64
import pathlib
import re

import common


def plain_files(place):
    """Copies a PKI with the credentials of its kubeconfigs as files of their own, as a program of OpenSSL reads them."""
    target = place.base / "plain"
    for file in [*place.pki.rglob("*.crt"), *place.pki.rglob("*.key")]:
        copy = target / file.relative_to(place.pki)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(file.read_bytes())
    for file in place.pki.parent.glob("*.conf"):
        for field, data in re.findall(r"(certificate-authority|client-certificate|client-key)-data: *(\S+)", file.read_text()):
            kind = "key" if field == "client-key" else "crt"
            pathlib.Path(target / f"{file.stem}-{field}.{kind}").write_bytes(base64.b64decode(data.strip('"')))
    return target


def rows(bench):
    for algorithm in ("RSA-2048", "ECDSA-P256"):
        with common.Place(bench, algorithm, bench.memory_dir) as place:
            common.run(place.init_command())
            command = [bench.pkigen, "check-expiration", "--cert-dir", place.pki]
            peer = [bench.kubeadm, "certs", "check-expiration", "--config", place.config()]
            bare = [bench.tool, "openssl-report", plain_files(place)]
            same, openssl = bench.paired(lambda: common.run(command), lambda: common.run(bare), bench.runs * 2)
            ours, theirs = bench.paired(lambda: common.run(command),
                                        (lambda: common.run(peer)) if bench.kubeadm else None, bench.runs * 2)
        yield common.Row(f"check-expiration, {algorithm}", "kubeadm", "10 times faster", common.milliseconds(ours),
                         common.milliseconds(theirs), wanted=10)
        yield common.Row(f"check-expiration, {algorithm}, beside OpenSSL's share of the work", "a bare OpenSSL program",
                         "no slower", common.milliseconds(same), common.milliseconds(openssl), faster=False, wanted=1)
        yield common.Row(f"check-expiration, {algorithm}, peak memory", "kubeadm", "a third", [c.memory for c in ours],
                         [c.memory for c in theirs], unit="MiB", faster=False, wanted=1 / 3)


if __name__ == "__main__":
    common.main(rows)
