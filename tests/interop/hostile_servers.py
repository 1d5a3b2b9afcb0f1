#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""check-expiration against TLS servers that misbehave: each is a row of the report, within the time limit.

usage: hostile_servers.py PKIGEN
"""

import contextlib
import json
import pathlib
import socket
import ssl
import struct
import subprocess
import tempfile
import threading
import time

from common import expect, pkigen

LIMIT = 1.0  # --live-timeout, seconds


def record(kind, content):
    return bytes([kind, 3, 3]) + struct.pack(">H", len(content)) + content


def reset(connection):
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def hang_up(connection):
    connection.close()


def hang_up_after_hello(connection):
    connection.recv(65536)
    connection.close()


def reset_after_hello(connection):
    connection.recv(65536)
    reset(connection)


def nonsense_then_reset(connection):
    """The client answers with an alert, into a connection that is gone."""
    connection.recv(65536)
    connection.sendall(record(22, bytes.fromhex("02000000")))
    connection.shutdown(socket.SHUT_WR)
    reset(connection)


def another_protocol(connection):
    connection.recv(65536)
    connection.sendall(b"HTTP/1.0 400 Bad Request\r\n\r\n")


def silence(connection):
    time.sleep(8)


def one_octet_at_a_time(connection):
    for octet in record(22, b"\x02" + (60000).to_bytes(3, "big") + bytes(16000)):
        connection.sendall(bytes([octet]))
        time.sleep(0.05)


def records_without_end(connection):
    """Fragments of one handshake message of 16 MiB."""
    connection.recv(65536)
    connection.sendall(record(22, b"\x02" + (0xFFFFFF).to_bytes(3, "big")))
    while True:
        connection.sendall(record(22, bytes(16000)))


def warnings_without_end(connection):
    connection.recv(65536)
    while True:
        connection.sendall(record(21, bytes.fromhex("015a")) * 100)


def empty_records_without_end(connection):
    connection.recv(65536)
    while True:
        connection.sendall(record(22, b"") * 100)


SERVERS = [hang_up, hang_up_after_hello, reset_after_hello, nonsense_then_reset, another_protocol, silence,
           one_octet_at_a_time, records_without_end, warnings_without_end, empty_records_without_end]


@contextlib.contextmanager
def listening(behaviour):
    """A server at a free port of the loopback address; yields the port."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen(16)

        def answer(connection):
            with connection, contextlib.suppress(OSError):
                behaviour(connection)

        def accept():
            with contextlib.suppress(OSError):
                while True:
                    threading.Thread(target=answer, args=(server.accept()[0],), daemon=True).start()

        threading.Thread(target=accept, daemon=True).start()
        yield server.getsockname()[1]
        server.shutdown(socket.SHUT_RDWR)


def look(pki, endpoint, limit=LIMIT):
    """The row of an endpoint, the exit status, and the seconds that it took."""
    begin = time.monotonic()
    result = pkigen("check-expiration", "--cert-dir", pki, "--kubelet-dir", pki, "-o", "json", "--endpoint", endpoint,
                    "--live-timeout", limit)
    took = time.monotonic() - begin
    expect(result.returncode >= 0, f"the report is made: {result.returncode}")
    rows = [row for row in json.loads(result.stdout)["served"] if row["name"] == endpoint]
    expect(len(rows) == 1, f"{endpoint} is a row: {result.stderr}")
    return rows[0], result.returncode, took


def check_behaviours(pki):
    for behaviour in SERVERS:
        with listening(behaviour) as port:
            row, status, took = look(pki, f"127.0.0.1:{port}")
            name = behaviour.__name__
            expect(row["state"] == "invalid" and status == 4, f"{name}: {row['reason']}")
            expect(row["reason"].startswith("not reachable: "), f"{name} is not reachable")
            expect(took < LIMIT + 1.5, f"{name} takes {took:.1f} s")


def check_refused(pki):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
        row, status, took = look(pki, f"127.0.0.1:{port}", 10)
        expect(row["reason"] == "not reachable: connection refused", row["reason"])
        expect(status == 4 and took < 2, f"a refused connection is final after {took:.1f} s")
    row, _, took = look(pki, "no-such-host.invalid:443", 2)
    expect(row["reason"].startswith("not reachable: ") and took < 4, f"{row['reason']}, after {took:.1f} s")


def serve_tls(pki, certificate, seen):
    """A TLS server that records the names it is asked for."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, pki / "apiserver.key")
    context.sni_callback = lambda _connection, name, _context: seen.append(name)

    def behaviour(connection):
        with contextlib.suppress(ssl.SSLError), context.wrap_socket(connection, server_side=True) as secure:
            secure.recv(1)

    return listening(behaviour)


def check_server_name(pki):
    seen = []
    with serve_tls(pki, pki / "apiserver.crt", seen) as port:
        row, status, _ = look(pki, f"127.0.0.1:{port}")
        expect(row["reason"] == "as on disk" and status == 0, "a usual server is read")
        look(pki, f"localhost:{port}")
    expect(seen == [None, "localhost"], f"an address is not sent as a server name: {seen}")


def check_certificate_that_does_not_parse(pki):
    certificate = pki.parent / "odd.crt"
    subprocess.run(["openssl", "req", "-x509", "-key", pki / "apiserver.key", "-subj", "/CN=odd", "-set_serial",
                    "0x" + "7f" * 300, "-out", certificate], check=True, capture_output=True)
    with serve_tls(pki, certificate, []) as port:
        row, status, _ = look(pki, f"127.0.0.1:{port}")
        expect(row["state"] == "invalid" and status == 4, "a certificate that does not parse is an alarm")
        expect(row["reason"].startswith("the certificate does not parse: "), row["reason"])


with tempfile.TemporaryDirectory() as directory:
    pki = pathlib.Path(directory) / "k/pki"
    made = pkigen("init", "--cert-dir", pki, "--node-name", "cp-1", "--apiserver-advertise-address", "192.0.2.1",
                  "--encryption-algorithm", "ECDSA-P256")
    expect(made.returncode == 0, "init")
    check_refused(pki)
    check_behaviours(pki)
    check_server_name(pki)
    check_certificate_that_does_not_parse(pki)
