"""Where pkigen differs from kubeadm on purpose. Nothing else may differ, and each entry must explain something."""

import fnmatch
import re

# (files, field, what pkigen says, what kubeadm says, why). Files and fields are shell patterns, values are regular
# expressions that match the whole value; "(none)" stands for a field that is not there. Where there is a sixth, it says
# of kubeadm's facts about the file whether the entry applies.
ANY_CERTIFICATE, CERTIFICATES, KUBECONFIGS = "pki/*.crt *.conf", "pki/*.crt", "*.conf"


def outlives_its_issuer(facts):
    return "after its issuer's" in (facts.get("validity.end"), facts.get("client.validity.end"))


ENTRIES = [
    (ANY_CERTIFICATE, "*validity.*", ".*", ".*",
     "No certificate outlives its CA: verifiers take it for expired then anyhow, and dates should say so.", outlives_its_issuer),
    (ANY_CERTIFICATE, "*serial", "random, 159 bits", "random, 63 bits",
     "Serials have 159 random bits: more than CAs need to have by any rule, and positive in 20 octets (RFC 5280, 4.1.2.2)."),
    (ANY_CERTIFICATE, "*extensions", r".*basicConstraints subjectKeyIdentifier authorityKeyIdentifier.*",
     r".*basicConstraints authorityKeyIdentifier.*",
     "Every certificate has a subject key identifier, as RFC 5280, 4.2.1.2 wants it; kubeadm gives one to CAs only."),
    (ANY_CERTIFICATE, "*extension.subjectKeyIdentifier", "160 bits of the SHA-256 of the key", r"\(none\)",
     "Every certificate has a subject key identifier, as RFC 5280, 4.2.1.2 wants it; kubeadm gives one to CAs only."),
    (CERTIFICATES, "extension.keyUsage", "critical, digitalSignature keyCertSign cRLSign",
     "critical, digitalSignature keyEncipherment keyCertSign",
     "A CA signs certificates and revocation lists and enciphers nothing."),
    (ANY_CERTIFICATE, "*extension.keyUsage", "critical, digitalSignature", "critical, digitalSignature keyEncipherment",
     "Nothing is enciphered with an elliptic-curve key (RFC 8813, 3), so such a certificate does not allow it."),
    ("*.pkigen.lock", "exists", "yes", "no",
     "The locks that keep two runs apart are files that are never deleted."),
    ("pkigen.yaml", "exists", "yes", "no",
     "The configuration is remembered beside the kubeconfigs, for renewals and the search for drift."),
    ("pki/sa.pub", "mode", "0644", "0600",
     "sa.pub is public."),
    ("pki/apiserver-kubelet-client.crt", "subject", "2.5.4.10=.Printable.kubeadm:cluster-admins,2.5.4.3=.*", "2.5.4.3=.*",
     "The group kubeadm:cluster-admins gives the API server its rights at the kubelets with every kubeadm since 1.29. This kubeadm "
     "leaves it out and binds a role to the user's name instead, which kubeadms before it do not."),
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


# What is said of a case of corpus.py, and why.
REFUSED, ACCEPTED, DIFFERENT = "pkigen refuses, kubeadm does not", "pkigen accepts, kubeadm does not", "the effect differs"
LABEL = "a" * 64
CASES = [
    (ACCEPTED, "A document of comments alone is nothing; kubeadm takes it for one without a kind.",
     ["a document of comments first", "a document of comments between", "a document of comments last"]),
    (ACCEPTED, "A directive is YAML; kubeadm cuts the text where it must not.", ["a directive"]),
    (ACCEPTED, "Flow style is YAML; kubeadm takes a text that begins with a brace for JSON.", ["flow style"]),
    (ACCEPTED, "Documents of others are passed over, whatever their group.", ["the core group"]),
    (REFUSED, "Anchors, merges and tags can make much of little, or something else of it than meets the eye; nobody needs them here.",
     ["an anchor", "a merged map", "a tagged text", "a binary text"]),
    (REFUSED, "Of a field given twice only one can be meant, and kubeadm warns and takes the last.", ["a key twice", "a key twice, deep"]),
    (REFUSED, "A kind that kubeadm's group does not have is a slip of the pen; kubeadm warns and goes on without it.", ["an unknown kind"]),
    (REFUSED, "A port is a whole number in decimal digits; 010 is 8 to some readers and 10 to others.",
     [f"bindPort {value}" for value in ("6443.0", "6e3", "0x1f90", "010")]),
    (REFUSED, "A name with a label of more than 63 characters, or with a last label of digits, is no DNS name (RFC 1123, 2.1), and "
     "verifiers refuse certificates with it.",
     ["node name 1.2.3.4", f"node name {LABEL}", "endpoint 192.0.2.300", f"endpoint {LABEL}.example", "name 1.2.3.4.5", "name 256.1.1.1",
      f"name {LABEL}.example", "name '127.1'"]),
    (REFUSED, "A domain that makes kubernetes.default.svc.DOMAIN longer than 253 characters makes a name that is none.",
     ["DNS domain " + ".".join(["a" * 63] * 3) + "." + "a" * 61]),
    (REFUSED, "Blanks around a name are a slip of the pen.", ["node name ' cp-1'"]),
    (REFUSED, "An octet with leading zeros is octal to some and decimal to others (RFC 6943, 3.1.1).",
     ["advertise address 192.0.2.011", "endpoint 192.0.2.010", "service subnet 010.96.0.0/12", "service subnet 10.96.0.0/012",
      "name 010.000.000.005", "name of etcd's server 010.0.0.5"]),
    (REFUSED, "An IPv4 address in IPv6 clothes is to be written as the IPv4 address that it is.",
     ['advertise address "::ffff:192.0.2.11"', 'endpoint "::ffff:192.0.2.100"', 'service subnet "::ffff:10.96.0.0/112"',
      'name "::ffff:1.2.3.4"']),
    (REFUSED, "A colon without a port, and brackets around a name, are slips of the pen.", ['endpoint "api.example:"', 'endpoint "[api.example]:6443"']),
    (DIFFERENT, "A port is written without leading zeros; it is the same port.", ['endpoint "api.example:06443"']),
    (ACCEPTED, "A duration may be said in days, too, and be longer than the 292 years of Go.",
     ["validity 1d", "validity 365d", "validity of CAs 1d", "validity 3000000h"]),
    (REFUSED, "A certificate that lives less than a minute, or ends before it begins, is of no use.",
     ["validity 5000ms", "validity 1500ms", "validity 1us", "validity of nothing", "validity that is negative",
      "validity of CAs that is nothing"]),
    (ACCEPTED, "That etcd is elsewhere is enough to know here: the API server's flags, not its certificates, say where.",
     ["etcd elsewhere, nothing said", "etcd elsewhere, no endpoint"]),
    (ACCEPTED, "Fields that have nothing to do with certificates are passed over unread, and kubeadm judges them when it uses them.",
     ["a certificateKey that is short", "a bootstrap token that is none", "pod subnet nonsense", "pod subnet 10.244.0.0/30",
      "etcd here, relative", "a gate that is unknown", "extra arguments of the older form", "a version that is none",
      "a version that is too old"]),
]
CONFIGURATION = {name: (what, why) for what, why, names in CASES for name in names}


# What verifiers find and may: (verifier, pattern of the finding, why).
FINDINGS = [
    ("zlint, RFC lints", r"e_key_usage_and_extended_key_usage_inconsistent error KeyUsage "
     r"\[(DigitalSignature KeyEncipherment|KeyEncipherment DigitalSignature)\] .* inconsistent with ExtKeyUsage clientAuth$",
     "RSA leaves for clients allow key encipherment, which a client has no use for: so do kubeadm's, and every signer of Kubernetes "
     "lets it pass."),
    ("zlint, RFC lints", "e_subject_common_name_max_length error",
     "A common name is longer than 64 characters where the node's is: Kubernetes demands system:node:NAME, and no verifier minds."),
]
