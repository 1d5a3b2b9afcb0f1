# SPDX-License-Identifier: Apache-2.0
"""The intended differences from kubeadm. Nothing else may differ, and each entry must explain a difference."""

import fnmatch
import re

# (files, field, what pkigen says, what kubeadm says, why). Files and fields are shell patterns, values are regular
# expressions that match the whole value; "(none)" means that the field is missing. An optional sixth element is a
# predicate on kubeadm's facts about the file: whether the entry applies.
ANY_CERTIFICATE, CERTIFICATES, KUBECONFIGS = "pki/*.crt *.conf", "pki/*.crt", "*.conf"


def outlives_its_issuer(facts):
    return "after its issuer's" in (facts.get("validity.end"), facts.get("client.validity.end"))


ENTRIES = [
    (ANY_CERTIFICATE, "*validity.*", ".*", ".*",
     "No certificate outlives its CA: verifiers treat it as expired then, and its dates should agree.", outlives_its_issuer),
    (ANY_CERTIFICATE, "*serial", "random, 159 bits", "random, 63 bits",
     "Serials have 159 random bits: more than any rule demands, and positive in 20 octets (RFC 5280, 4.1.2.2)."),
    (ANY_CERTIFICATE, "*extensions", r".*basicConstraints subjectKeyIdentifier authorityKeyIdentifier.*",
     r".*basicConstraints authorityKeyIdentifier.*",
     "Every certificate has a subject key identifier, as RFC 5280, 4.2.1.2 recommends; with kubeadm only CAs have one."),
    (ANY_CERTIFICATE, "*extension.subjectKeyIdentifier", "160 bits of the SHA-256 of the key", r"\(none\)",
     "Every certificate has a subject key identifier, as RFC 5280, 4.2.1.2 recommends; with kubeadm only CAs have one."),
    (CERTIFICATES, "extension.keyUsage", "critical, digitalSignature keyCertSign cRLSign",
     "critical, digitalSignature keyEncipherment keyCertSign",
     "The key usage of a CA has no keyEncipherment: a CA only signs certificates and CRLs."),
    (ANY_CERTIFICATE, "*extension.keyUsage", "critical, digitalSignature", "critical, digitalSignature keyEncipherment",
     "The key usage of an elliptic-curve leaf has no keyEncipherment (RFC 8813, 3)."),
    ("*.pkigen.lock", "exists", "yes", "no",
     "Lock files are never deleted."),
    ("pkigen.yaml", "exists", "yes", "no",
     "The configuration is saved beside the kubeconfigs, for renewals and for drift detection."),
    ("pki/sa.pub", "mode", "0644", "0600",
     "sa.pub is a public key, so its mode is 0644."),
    ("pki/apiserver-kubelet-client.crt", "subject", "2.5.4.10=.Printable.kubeadm:cluster-admins,2.5.4.3=.*", "2.5.4.3=.*",
     "With every kubeadm since 1.29 the group kubeadm:cluster-admins grants the API server its rights at the kubelets. This kubeadm "
     "omits it and binds a role to the user's name instead, which earlier releases do not."),
]


class Differences:
    def __init__(self):
        self.counts = [0] * len(ENTRIES)

    def explains(self, path, field, ours, theirs, facts):
        for number, (files, fields, mine, other, _, *condition) in enumerate(ENTRIES):
            if condition and not condition[0](facts):
                continue
            if (any(fnmatch.fnmatchcase(path, each) for each in files.split()) and fnmatch.fnmatchcase(field, fields)
                    and re.fullmatch(mine, ours) and re.fullmatch(other, theirs)):
                self.counts[number] += 1
                return True
        return False

    def unused(self):
        return [entry[:2] for entry, count in zip(ENTRIES, self.counts) if count == 0]

    def used(self):
        reasons = {}
        for entry, count in zip(ENTRIES, self.counts):
            reasons[entry[4]] = reasons.get(entry[4], 0) + count
        return {reason: count for reason, count in reasons.items() if count}


# (kind of difference, why, cases of corpus.py).
REFUSED, ACCEPTED, DIFFERENT = "pkigen refuses, kubeadm does not", "pkigen accepts, kubeadm does not", "the effect differs"
CONFLICT = "pkigen exits 1"
LABEL = "a" * 64
CASES = [
    (ACCEPTED, "A document of comments alone is ignored; kubeadm reads it as a document without a kind.",
     ["a document of comments first", "a document of comments between", "a document of comments last"]),
    (ACCEPTED, "Flow style is valid YAML; kubeadm parses a text that begins with a brace as JSON.", ["flow style"]),
    (ACCEPTED, "Documents of other API groups are ignored.", ["the core group", "a ConfigMap of another matter"]),
    (ACCEPTED, "The ConfigMap kubeadm-config is read as the ClusterConfiguration in it; kubeadm reads it in the cluster only.",
     ["the ConfigMap of the cluster"]),
    (CONFLICT, "A JoinConfiguration has the place of an InitConfiguration: the host joins, and needs the CAs of its cluster as for kubeadm join. "
     "kubeadm init ignores it, and takes name and address from the host.",
     ["a JoinConfiguration of a control plane", "a JoinConfiguration of a control plane, cluster first", "a JoinConfiguration of a worker"]),
    (ACCEPTED, "v1beta1 and v1beta2 are read; kubeadm dropped them in 1.22 and 1.27.",
     ["v1beta1", "v1beta2", "v1beta1 of its time", "v1beta2 of its time"]),
    (REFUSED, "Anchors, merges and tags can expand a small text without bound or change its meaning, and are not needed here.",
     ["an anchor", "a merged map", "a tagged text", "a binary text"]),
    (REFUSED, "A duplicate field is a mistake; kubeadm warns and uses the last one.", ["a key twice", "a key twice, deep"]),
    (REFUSED, "An unknown kind of kubeadm's group is a mistake; kubeadm warns and ignores it.", ["an unknown kind"]),
    (REFUSED, "A port is a whole number in decimal digits; some readers read 010 as 8, others as 10.",
     [f"bindPort {value}" for value in ("6443.0", "6e3", "0x1f90", "010")]),
    (REFUSED, "A name with a label of more than 63 characters, or with a last label of digits, is not a DNS name (RFC 1123, 2.1), and "
     "verifiers refuse certificates with it.",
     ["node name 1.2.3", "node name 1.2.3.04", f"node name {LABEL}", "endpoint 192.0.2.300", f"endpoint {LABEL}.example", "name 1.2.3.4.5", "name 256.1.1.1",
      f"name {LABEL}.example", "name '127.1'"]),
    (REFUSED, "A domain that makes kubernetes.default.svc.DOMAIN longer than 253 characters makes an invalid name.",
     ["DNS domain " + ".".join(["a" * 63] * 3) + "." + "a" * 61]),
    (DIFFERENT, "A node that is called by an IPv4 address has it as an IP address in its certificates; kubeadm writes a DNS name of digits, "
     "which no verifier compares with an address.", ["node name 1.2.3.4", "node name 192.0.2.11"]),
    (REFUSED, "Blanks around a name are a mistake.", ["node name ' cp-1'"]),
    (REFUSED, "An octet with leading zeros is ambiguous: octal or decimal (RFC 6943, 3.1.1).",
     ["advertise address 192.0.2.011", "endpoint 192.0.2.010", "service subnet 010.96.0.0/12", "service subnet 10.96.0.0/012",
      "name 010.000.000.005", "name of etcd's server 010.0.0.5"]),
    (REFUSED, "An IPv4-mapped IPv6 address must be written as IPv4.",
     ['advertise address "::ffff:192.0.2.11"', 'endpoint "::ffff:192.0.2.100"', 'service subnet "::ffff:10.96.0.0/112"',
      'name "::ffff:1.2.3.4"']),
    (REFUSED, "A colon without a port, and brackets around a name, are mistakes.", ['endpoint "api.example:"', 'endpoint "[api.example]:6443"']),
    (DIFFERENT, "Leading zeros of a port are dropped; it is the same port.", ['endpoint "api.example:06443"']),
    (ACCEPTED, "A duration may be in days, too, and longer than Go's limit of 292 years.",
     ["validity 1d", "validity 365d", "validity of CAs 1d", "validity 3000000h"]),
    (REFUSED, "A validity period of less than a minute, or a negative one, is useless.",
     ["validity 5000ms", "validity 1500ms", "validity 1us", "validity of nothing", "validity that is negative",
      "validity of CAs that is nothing"]),
    (ACCEPTED, "An external etcd needs no endpoints here: the API server's flags name them, not its certificates.",
     ["etcd elsewhere, nothing said", "etcd elsewhere, no endpoint"]),
    (ACCEPTED, "Fields that do not concern certificates are ignored; kubeadm validates them when it uses them.",
     ["a certificateKey that is short", "an invalid bootstrap token", "pod subnet nonsense", "pod subnet 10.244.0.0/30",
      "etcd here, relative", "a gate that is unknown", "extra arguments of the older form", "an invalid version",
      "a version that is too old"]),
]
CONFIGURATION = {name: (what, why) for what, why, names in CASES for name in names}


# Accepted findings of verifiers: (verifier, pattern of the finding, why).
FINDINGS = [
    ("zlint, RFC lints", r"e_key_usage_and_extended_key_usage_inconsistent error KeyUsage "
     r"\[(DigitalSignature KeyEncipherment|KeyEncipherment DigitalSignature)\] .* inconsistent with ExtKeyUsage clientAuth$",
     "RSA client certificates have keyEncipherment, which a client does not need: so have kubeadm's, and every signer of Kubernetes "
     "accepts it."),
    ("zlint, RFC lints", "e_subject_common_name_max_length error",
     "The common name of a node may be longer than 64 characters: Kubernetes demands system:node:NAME, and every verifier accepts it."),
]
