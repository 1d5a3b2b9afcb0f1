#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""check-expiration --live against real TLS servers: what they show is compared with the disk.

usage: live.py PKIGEN
"""

import json
import pathlib
import subprocess
import tempfile
import time

from common import expect, pkigen


def serve(pki, name, port, *further):
    command = ["openssl", "s_server", "-quiet", "-accept", f"127.0.0.1:{port}", "-cert", pki / f"{name}.crt", "-key",
               pki / f"{name}.key", *further]
    return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def make_chain(folder, days, extensions):
    """Makes chain.crt, chain.key and between.crt: a server's certificate of 300 days, and the certificate that signed it."""
    def openssl(*arguments):
        subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True)

    def sign(name, issuer, validity, text):
        key, request, extfile = (folder / f"{name}.{each}" for each in ("key", "csr", "ext"))
        extfile.write_text(text)
        openssl("req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", key, "-out", request,
                "-subj", f"/CN={name}")
        openssl("x509", "-req", "-in", request, "-CA", folder / f"{issuer}.crt", "-CAkey", folder / f"{issuer}.key", "-days", validity,
                "-extfile", extfile, "-out", folder / f"{name}.crt")

    openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", folder / "root.key", "-out",
            folder / "root.crt", "-days", 3650, "-subj", "/CN=root")
    sign("between", "root", days, extensions)
    sign("chain", "between", 300, "extendedKeyUsage=serverAuth\nsubjectAltName=DNS:cp-1\n")


def look(pki, *further):
    # The kubelet directory of the host that runs the tests is not ours.
    result = pkigen("check-expiration", "--cert-dir", pki, "--kubelet-dir", pki, "-o", "json", *further)
    rows = {row["name"]: row for row in json.loads(result.stdout).get("served", [])}
    return result.returncode, rows


with tempfile.TemporaryDirectory() as directory:
    pki = pathlib.Path(directory) / "pki"
    made = pkigen("init", "--cert-dir", pki, "--node-name", "cp-1", "--apiserver-advertise-address", "192.0.2.1",
                  "--encryption-algorithm", "ECDSA-P256")
    expect(made.returncode == 0, "init")
    demanding = ["-Verify", "1", "-verify_return_error", "-CAfile", pki / "etcd/ca.crt"]
    servers = [serve(pki, "apiserver", 6443), serve(pki, "etcd/server", 2379, *demanding)]
    try:
        time.sleep(1)
        status, rows = look(pki, "--live")
        expect(rows["apiserver"]["reason"] == "as on disk", "the API server shows the certificate on disk")
        expect(rows["etcd-server"]["reason"] == "as on disk", "so does a server that wants a client certificate")
        expect(rows["etcd-peer"]["state"] == "missing", "a server that is not there is a row")
        expect(status == 0, "and no alarm")
        expect(pkigen("renew", "etcd-server", "--cert-dir", pki).returncode == 0, "renew etcd-server")
        status, rows = look(pki, "--live")
        expect(rows["etcd-server"]["reason"] == "renewed, not yet served", "a stale server is reported")
        expect(status == 3, "with the status of something that will end")
        status, rows = look(pki, "--endpoint", "127.0.0.1:6443")
        expect(rows["127.0.0.1:6443"]["reason"] == "as on disk" and status == 0, "an endpoint that was named is asked")
        status, rows = look(pki, "--endpoint", "127.0.0.1:1")
        expect(rows["127.0.0.1:1"]["state"] == "invalid" and status == 4, "and one that does not answer is an alarm")
        expect(look(pki, "--live", "--as-of", "+400d")[0] == 4, "served certificates are checked for another day")
        text = pkigen("check-expiration", "--cert-dir", pki, "--live").stdout
        expect("127.0.0.1:2379" in text and "renewed, not yet served" in text, "the table shows it")
        ca = "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign\n"
        for days, extensions, day, state, code in ((400, ca, "+1d", "valid", 0), (10, ca, "+1d", "expiring", 3), (10, ca, "+20d", "expired", 4),
                                                   (400, "basicConstraints=critical,CA:FALSE\n", "+1d", "invalid", 4)):
            make_chain(pki, days, extensions)
            servers.append(serve(pki, "chain", 10443, "-cert_chain", pki / "between.crt"))
            time.sleep(1)
            status, rows = look(pki, "--endpoint", "127.0.0.1:10443", "--as-of", day)
            expect((rows["127.0.0.1:10443"]["state"], status) == (state, code), f"the chain that a server sends is {state}")
            server = servers.pop()
            server.terminate()
            server.wait()
        expect(pkigen("check-expiration", "--cert-dir", pki, "--endpoint", "nonsense").returncode == 2, "no endpoint, no run")
    finally:
        for server in servers:
            server.terminate()
            server.wait()
