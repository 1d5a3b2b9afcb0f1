#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compares what pkigen makes with checked-in descriptions, one per configuration.

A description is written with the openssl command, which shares no code with libpki, and states all that matters of
every file: mode, subject, names, usages, key, signature, validity, and which certificate and key belong together. It
never holds serials, dates or key bytes, so it is the same for every run. One description is kept whole, expected/base.txt;
of every other one the difference from it, expected/NAME.diff (see difference.py).

usage: golden.py PKIGEN NAME       compare one configuration
       golden.py PKIGEN --update   write all descriptions again
       golden.py --list            print the names of all configurations
"""

import base64
import difflib
import os
import pathlib
import re
import subprocess
import sys
import tempfile
from datetime import datetime

import difference

EXPECTED = pathlib.Path(__file__).parent / "expected"
BASE = "ecdsa-p256"
EC = ["--encryption-algorithm", "ECDSA-P256"]
LONG_NAME = "control-plane-01.rack-17.hall-3.datacentre-north.example-company.local"
CONFIGURATIONS = {
    "defaults": [],
    "dual-stack": EC + ["--service-cidr", "10.112.0.0/16,fd00:10:112::/108"],
    "ipv6-only": EC + ["--apiserver-advertise-address", "fd00:192:168::11", "--service-cidr", "fd00:10:96::/112"],
    "endpoint-dns": EC + ["--control-plane-endpoint", "api.example.internal"],
    "endpoint-dns-port": EC + ["--control-plane-endpoint", "api.example.internal:8443"],
    "endpoint-ip": EC + ["--control-plane-endpoint", "192.168.10.100"],
    "endpoint-ip-port": EC + ["--control-plane-endpoint", "192.168.10.100:8443"],
    "endpoint-ipv6": EC + ["--control-plane-endpoint", "fd00::100"],
    "endpoint-ipv6-port": EC + ["--control-plane-endpoint", "[fd00:0::100]:8443"],
    "extra-sans": EC + ["--apiserver-cert-extra-sans", "*.Apps.Example.COM,API.Example.internal,10.0.0.5,FD00:0:0::5",
                        "--etcd-server-extra-sans", "*.etcd.example.internal,10.0.0.6",
                        "--etcd-peer-extra-sans", "peer.example.internal,fd00::7"],
    "external-etcd": EC + ["--external-etcd"],
    "rsa-3072": ["--encryption-algorithm", "RSA-3072"],
    "rsa-4096": ["--encryption-algorithm", "RSA-4096"],
    "ecdsa-p256": EC,
    "ecdsa-p384": ["--encryption-algorithm", "ECDSA-P384"],
    "naming-kubeadm": EC + ["--naming", "kubeadm"],
    "long-node-name": EC + ["--node-name", LONG_NAME],
}


def openssl(*arguments, data=None):
    done = subprocess.run(["openssl", *arguments], input=data, capture_output=True, check=False)
    if done.returncode:
        sys.exit(f"openssl {' '.join(arguments)}: {done.stderr.decode()}")
    return done.stdout.decode()


def pem_types(data):
    return re.findall(rb"^-----BEGIN ([A-Z0-9 ]+)-----$", data, re.M)


def describe_key(data):
    """Type of a private key, its PEM form and whether an EC key carries its public half and curve."""
    kinds = " + ".join(kind.decode() for kind in pem_types(data))
    if b"EC PRIVATE KEY" in data:
        tree = openssl("asn1parse", data=data)
        if "cont [ 1 ]" not in tree or "OBJECT" not in tree:
            kinds += " without curve or public key"
    return kinds


def public_key(data, private=False):
    if private:
        return openssl("pkey", "-pubout", data=data)
    return openssl("x509", "-noout", "-pubkey", data=data)


def key_type(public):
    """RSA size and exponent, or curve."""
    text = openssl("pkey", "-pubin", "-noout", "-text", data=public.encode())
    curve = re.search(r"ASN1 OID: (\S+)", text)
    if curve:
        return f"EC {curve.group(1)}"
    size, exponent = (re.search(pattern, text).group(1) for pattern in (r"(\d+) bit", r"Exponent: (\d+)"))
    return f"RSA {size}, e {exponent}"


class Certificate:
    NAME = "utf8,sname,sep_comma_plus_space,show_type,esc_2253"

    def __init__(self, pem):
        self.pem = pem
        text = openssl("x509", "-noout", "-text", "-nameopt", self.NAME, "-certopt", "no_pubkey,no_sigdump",
                       data=pem)
        self.lines = text.splitlines()
        self.subject, self.issuer = self.field("Subject: "), self.field("Issuer: ")
        self.not_before, self.not_after = self.time("Not Before: "), self.time("Not After : ")
        self.extensions = self.read_extensions()
        self.serial = openssl("x509", "-noout", "-serial", data=pem).strip().partition("=")[2]

    def field(self, name):
        return next(line.strip()[len(name):] for line in self.lines if line.strip().startswith(name.strip() + " "))

    def time(self, name):
        return datetime.strptime(self.field(name), "%b %d %H:%M:%S %Y GMT")

    def read_extensions(self):
        """Name → (critical, value), in the order of the certificate."""
        found, last = {}, None
        for line in self.lines:
            head = re.fullmatch(r" {12}(X509v3 [^:]+|[\w .]+): ?(critical)?\s*", line)
            if head:
                last = head.group(1).replace("X509v3 ", "")
                found[last] = [bool(head.group(2)), ""]
            elif last and line.startswith(" " * 16):
                found[last][1] += line.strip() + "\n"
            elif last:
                last = None
        return {name: (critical, value.strip()) for name, (critical, value) in found.items()}

    def extension(self, name):
        return self.extensions.get(name, (False, ""))[1]


def span(certificate):
    seconds = int((certificate.not_after - certificate.not_before).total_seconds())
    return f"{seconds // 3600}h{seconds // 60 % 60}m{seconds % 60}s"


def describe_extension(name, certificate, issuer):
    critical, value = certificate.extensions[name]
    if name == "Subject Key Identifier":
        value = f"{len(value.split(':'))} octets"
    if name == "Authority Key Identifier":
        same = value.removeprefix("keyid:") == issuer.extension("Subject Key Identifier")
        value = "key id only, that of the issuer" if same else "NOT the key id of the issuer"
    return f"  {name}: {'critical, ' if critical else ''}{value}"


def serial_size(certificate):
    octets = (int(certificate.serial, 16).bit_length() + 8) // 8  # DER: one more bit, for the sign
    return "random, at most 20 octets" if 16 <= octets <= 20 and certificate.serial[0] != "-" else certificate.serial


def describe_certificate(certificate, issuer, key):
    yield f"  v{certificate.field('Version: ').split()[0]}: subject {certificate.subject}"
    yield f"  issuer {certificate.issuer}"
    yield f"  serial {serial_size(certificate)}"
    inside = issuer.not_before <= certificate.not_before and certificate.not_after <= issuer.not_after
    yield f"  valid {span(certificate)}, {'within' if inside else 'NOT within'} its issuer's time"
    yield f"  signed {certificate.field('Signature Algorithm: ')}"
    yield f"  key {key_type(public_key(certificate.pem))}, {describe_key(key)}, " + (
        "matches" if public_key(key, private=True) == public_key(certificate.pem) else "DOES NOT MATCH")
    for name in certificate.extensions:
        yield describe_extension(name, certificate, issuer)


class Tree:
    """The files that pkigen made, and their description."""

    def __init__(self, root):
        self.root = root
        self.certificates = {}
        for path in sorted(root.rglob("*.crt")):
            self.certificates[path] = Certificate(path.read_bytes())

    def issuer_of(self, certificate):
        for candidate in self.certificates.values():
            named = candidate.subject == certificate.issuer and "CA:TRUE" in candidate.extension("Basic Constraints")
            key = certificate.extension("Authority Key Identifier").removeprefix("keyid:")
            if named and key in ("", candidate.extension("Subject Key Identifier")):
                return candidate
        sys.exit(f"no issuer for {certificate.subject}")

    def describe(self):
        for path in sorted(self.root.rglob("*")):
            if path.is_dir() or path.name in ("pkigen.yaml",) or path.name.startswith("."):
                continue
            yield f"{path.relative_to(self.root)} {path.stat().st_mode & 0o7777:04o}"
            yield from self.describe_file(path)

    def describe_file(self, path):
        data = path.read_bytes()
        if path.suffix == ".crt":
            yield from describe_certificate(self.certificates[path], self.issuer_of(self.certificates[path]),
                                            path.with_suffix(".key").read_bytes())
        elif path.suffix == ".conf":
            yield from self.describe_kubeconfig(data)
        elif path.suffix == ".pub":
            key = path.with_suffix(".key").read_bytes()
            same = openssl("pkey", "-pubin", "-pubout", data=data) == public_key(key, private=True)
            yield f"  {pem_types(data)[0].decode()}, {key_type(data.decode())}, {'matches' if same else 'DOES NOT MATCH'}"
        elif path.suffix == ".key":
            yield f"  {describe_key(data)}"

    def describe_kubeconfig(self, data):
        parts = {}

        def name_data(match):
            content = base64.b64decode(match.group(2), validate=True)
            parts[match.group(1)] = content
            same = content == (self.root / "pki/ca.crt").read_bytes()
            return f"{match.group(1)}: ({'pki/ca.crt' if same else ' + '.join(k.decode() for k in pem_types(content))})"

        text = re.sub(r"([\w-]+-data): (\S+)", name_data, data.decode())
        yield from (f"  | {line}" for line in text.splitlines())
        certificate = Certificate(parts["client-certificate-data"])
        yield from describe_certificate(certificate, self.issuer_of(certificate), parts["client-key-data"])


def make(pkigen, name, root):
    flags = CONFIGURATIONS[name]
    defaults = {"--node-name": "cp-1", "--apiserver-advertise-address": "192.168.10.11"}
    command = [pkigen, "init", "--cert-dir", str(root / "pki"), *flags]
    for flag, value in defaults.items():
        if flag not in flags:
            command += [flag, value]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{' '.join(command)}: exit {done.returncode}\n{done.stdout}{done.stderr}")


def find_secret(lines):
    """Returns the first line that holds a serial, a key identifier, a date or key bytes, or None."""
    pattern = re.compile(r"[0-9A-Fa-f]{16,}|(?:[0-9A-Fa-f]{2}:){7}|[A-Za-z0-9+/]{40,}"
                         r"|\b\d{4}-\d\d-\d\d\b|\b\d\d:\d\d:\d\d\b")
    return next((line for line in lines if pattern.search(line)), None)


def command_line(name):
    return f"# pkigen init {' '.join(CONFIGURATIONS[name])}".rstrip()


def describe(pkigen, name):
    """Returns the description of what pkigen makes of a configuration, as lines."""
    with tempfile.TemporaryDirectory() as folder:
        make(pkigen, name, pathlib.Path(folder))
        tree = Tree(pathlib.Path(folder))
        lines = list(tree.describe())
    serials = [certificate.serial for certificate in tree.certificates.values()]
    if len(set(serials)) != len(serials):
        sys.exit("two certificates have the same serial")
    secret = find_secret(lines)
    if secret:
        sys.exit(f"this line differs in every run, or is secret: {secret}")
    return lines


def expected_file(name):
    return EXPECTED / ("base.txt" if name == BASE else f"{name}.diff")


def read_expected(name):
    """Returns the lines of a checked-in file without the first one, which is the command line of its configuration."""
    path = expected_file(name)
    if not path.exists():
        raise difference.DifferenceError(f"{path} does not exist; golden.py PKIGEN --update writes it")
    first, *lines = path.read_text(encoding="utf-8").splitlines()
    if first != command_line(name):
        raise difference.DifferenceError(f"{path}: the first line is {first!r}, not {command_line(name)!r}")
    return lines


def expected_description(name):
    base = read_expected(BASE)
    return base if name == BASE else difference.apply(base, read_expected(name))


def report(wanted, found):
    """Prints the whole difference between two descriptions and returns whether they are equal."""
    print("\n".join(difflib.unified_diff(wanted, found, "expected", "found", lineterm="")))
    return wanted == found


def update(pkigen):
    base = describe(pkigen, BASE)
    written = {expected_file(BASE): [command_line(BASE), *base]}
    for name in CONFIGURATIONS:
        if name != BASE:
            lines = difference.compare(base, describe(pkigen, name))
            if not lines:
                sys.exit(f"{name} is described as {BASE} is")
            written[expected_file(name)] = [command_line(name), *lines]
    for path, lines in written.items():
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    for path in set(EXPECTED.iterdir()) - set(written):
        path.unlink()


def main(arguments):
    if arguments == ["--list"]:
        print("\n".join(CONFIGURATIONS))
        return 0
    pkigen, what = arguments
    if what == "--update":
        update(pkigen)
        return 0
    try:
        return 0 if report(expected_description(what), describe(pkigen, what)) else 1
    except difference.DifferenceError as error:
        sys.exit(f"{what}: {error}")


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    os.environ["LC_ALL"] = "C.UTF-8"
    sys.exit(main(sys.argv[1:]))
