#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every verifier checks every certificate that the earlier tests made with pkigen, with its issuer, for what it is
for and for what it is not.

usage: verifiers.py PKIGEN RESULTS
"""

import concurrent.futures
import hashlib
import json
import os
import pathlib
import re
import sys

from common import HERE, Results, fail, peers, run, scratch
from differences import FINDINGS

PURPOSES = {"apiserver.crt": {"server"}, "etcd/server.crt": {"server", "client"}, "etcd/peer.crt": {"server", "client"}}
AUTHORITIES = {"ca.crt", "front-proxy-ca.crt", "etcd/ca.crt"}
OPENSSL = {"server": "sslserver", "client": "sslclient", "any": "any"}
GNUTLS = {"server": "1.3.6.1.5.5.7.3.1", "client": "1.3.6.1.5.5.7.3.2"}
NAMES = {"apiserver.crt": ["kubernetes.default.svc"], "etcd/server.crt": ["localhost", "127.0.0.1", "::1"],
         "etcd/peer.crt": ["localhost", "127.0.0.1", "::1"]}


class Certificate:
    def __init__(self, path, top, name):
        self.path, self.name = path, name
        base = "etcd/ca.crt" if name.startswith("etcd/") or name == "apiserver-etcd-client.crt" else "ca.crt"
        self.issuer = top / ("front-proxy-ca.crt" if name.startswith("front-proxy") else base)
        self.authority = name in AUTHORITIES
        self.purposes = {"any"} if self.authority else PURPOSES.get(name, {"client"})
        self.unfit = set() if self.authority else {"server", "client"} - self.purposes
        self.names = NAMES.get(name, [])

    def job(self):
        return {"certificate": str(self.path), "issuer": str(self.issuer), "purposes": sorted(self.purposes), "not": sorted(self.unfit),
                "names": self.names}


def certificates_of(tree):
    """Those of one tree: files below the directory that holds ca.crt, and of kubeconfigs beside it."""
    foreign = (tree / "foreign").read_text().splitlines()
    tops = [path.parent for path in tree.rglob("ca.crt") if path.parent.name != "etcd"]
    if len(tops) > 1:  # a host of CAs has certificates of its own
        tops = [top for top in tops if str((top / "ca.crt").relative_to(tree)) not in foreign]
    if len(tops) != 1:
        fail(f"{tree} holds {len(tops)} PKIs")
    for path in sorted(tree.rglob("*")):
        if path.is_file() and path.name != "foreign" and str(path.relative_to(tree)) not in foreign:
            inside = path.is_relative_to(tops[0])
            yield Certificate(path, tops[0], str(path.relative_to(tops[0])) if inside else path.name)


def trees(collection):
    return sorted(path.parent for path in collection.glob("*/*/foreign"))


def collected(folder):
    found = {}
    for tree in trees(folder / "certificates"):
        for certificate in certificates_of(tree):
            found.setdefault(hashlib.sha256(certificate.path.read_bytes()).hexdigest(), certificate)
    return list(found.values())


def make_golden(pkigen, results):
    """The configurations of the golden tests, which take flags instead of a file."""
    sys.path.insert(0, str(HERE.parent / "golden"))
    import golden
    for name in golden.CONFIGURATIONS:
        with scratch() as root:
            golden.make(pkigen, name, root)
            results.collect(root, f"golden-{name}")


# Each verifier yields (verifier, certificate, finding); the number of certificates it saw is counted apart.

def openssl(certificates, flags, authorities, verifier):
    """The flags are those of a strict client, who trusts every CA here: the key id says which of one name is meant. A CA is
    verified alone. Those that are fit for a purpose must pass, and the others must not."""
    groups = {}
    for each in certificates:
        for purpose in each.purposes | each.unfit:
            trusted = each.issuer if each.authority else authorities
            groups.setdefault((trusted, purpose, purpose in each.purposes), []).append(each)
    for (trusted, purpose, fit), group in groups.items():
        for start in range(0, len(group), 400):
            part = group[start:start + 400]
            done = run(["openssl", "verify", *flags, "-auth_level", "2", "-purpose", OPENSSL[purpose], "-CAfile", trusted,
                        *(each.path for each in part)], check=False)
            good = set(re.findall(r"^(.*): OK$", done.stdout, re.M))
            said = (done.stdout + done.stderr).splitlines()
            for each in part:
                if (str(each.path) in good) != fit:
                    about = [line for line in said if str(each.path) in line or line.startswith("error")]
                    yield verifier, each, f"as {purpose}: {'refused' if fit else 'accepted'} {' '.join(about[:3])}"


def gnutls_one(job):
    each, purpose = job
    command = ["certtool", "--verify", "--verify-profile", "medium", "--load-ca-certificate", each.issuer, "--infile", each.path]
    if purpose != "any":
        command += ["--verify-purpose", GNUTLS[purpose]]
    done = run(command, check=False)
    if done.returncode:
        return "GnuTLS", each, f"as {purpose}: refused {done.stdout.strip().splitlines()[-1:]}"
    return None


def gnutls(certificates):
    jobs = [(each, purpose) for each in certificates for purpose in sorted(each.purposes)]
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        yield from filter(None, pool.map(gnutls_one, jobs))


def go(program, certificates, counts):
    verdict = json.loads(run([program, "verify"], data=json.dumps([each.job() for each in certificates])).stdout)
    counts.update(verdict["counts"])
    by_path = {str(each.path): each for each in certificates}
    for finding in verdict["findings"]:
        yield finding["verifier"], by_path[finding["certificate"]], finding["what"]


def main(pkigen, folder):
    program, results = peers("verifier")["verifier"], Results(folder, "verifiers")
    make_golden(pkigen, results)
    certificates, counts = collected(pathlib.Path(folder)), {}
    if len(certificates) < 500:
        fail(f"only {len(certificates)} certificates were collected")
    results.count("certificates", len(certificates))
    authorities = pathlib.Path(folder) / "authorities.pem"
    authorities.write_text("".join(path.read_text() for path in sorted({each.issuer for each in certificates})))
    found = list(openssl(certificates, ["-x509_strict"], authorities, "OpenSSL"))
    found += openssl(certificates, ["-x509_strict", "-partial_chain"], authorities, "OpenSSL as Python 3.13 calls it")
    found += gnutls(certificates)
    counts.update({"OpenSSL": len(certificates), "OpenSSL as Python 3.13 calls it": len(certificates), "GnuTLS": len(certificates)})
    found += go(program, certificates, counts)
    unexpected, reasons = [], {}
    for verifier, certificate, what in found:
        reason = next((why for which, pattern, why in FINDINGS if which == verifier and re.match(pattern, what)), None)
        if reason:
            reasons[reason] = reasons.get(reason, 0) + 1
        else:
            unexpected.append(f"{verifier}: {certificate.path.relative_to(folder)}: {what}")
    for each in unexpected[:200]:
        print(each, file=sys.stderr)
    unused = [why for _, _, why in FINDINGS if why not in reasons]
    if unexpected or unused:
        fail(f"{len(unexpected)} findings outside the list; entries of the list that explain nothing: {unused}")
    results.done(verifiers=counts, reasons=reasons, findings=0)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    os.environ["LC_ALL"] = "C.UTF-8"
    main(*sys.argv[1:])
