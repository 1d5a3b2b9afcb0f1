#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# OpenSSL verifies the rows of a configuration: a root CA, an intermediate one whose root's key is then moved away, leaves of
# both, kubeconfigs, and optional rows; at the first, and after a renewal.
#
# usage: own_rows.sh PKIGEN ALGORITHM
set -euo pipefail
# shellcheck source=tests/interop/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

cat >"$work/cluster.yaml" <<END
apiVersion: kubeadm.k8s.io/v1beta4
kind: ClusterConfiguration
encryptionAlgorithm: $2
---
apiVersion: pkigen/v1
kind: PkiConfiguration
optionalRows: [kubelet-server]
certificateAuthorities:
- name: vpn-root
  pathLength: 1
- name: vpn-ca
  issuer: vpn-root
  pathLength: 0
  validityPeriod: 17520h
- name: users-ca
  issuer: ca
certificates:
- name: vpn
  issuer: vpn-ca
  profile: peer
  organizations: [vpn, "second group"]
  sans: ["vpn.{dns_domain}", "{advertise_address}"]
  validityPeriod: 1440h
  encryptionAlgorithm: ECDSA-P384
- name: vpn-monitor
  issuer: vpn-root
  path: etcd/vpn-monitor
- name: ci
  issuer: users-ca
  form: kubeconfig
  organizations: [ci]
END

text_of() { openssl x509 -in "$1" -noout -text; }

# holds FILE NUMBER: how many certificates a file has
holds() { [ "$(grep -c 'BEGIN CERTIFICATE' "$1")" = "$2" ] || fail "$1 does not have $2 certificates"; }

# The leaf comes with the intermediate CA, and whoever trusts the root needs nothing else.
check_all() {
  holds "$pki/vpn.crt" 2
  strict sslserver "$pki/vpn-root.crt" "$pki/vpn.crt" -untrusted "$pki/vpn.crt" -verify_hostname vpn.cluster.local
  strict sslclient "$pki/vpn-root.crt" "$pki/vpn.crt" -untrusted "$pki/vpn.crt"
  strict sslserver "$pki/vpn-root.crt" "$pki/vpn.crt" -untrusted "$pki/vpn.crt" -verify_ip 192.168.10.11
  check_pair "$pki/vpn.crt" "$pki/vpn.key"
  text_of "$pki/vpn.crt" | grep -q 'ASN1 OID: secp384r1' || fail "vpn.crt has another algorithm"
  openssl x509 -in "$pki/vpn.crt" -noout -checkend $((59 * 86400)) >"$work/end.log" || fail "vpn.crt ends too soon"
  refuses openssl x509 -in "$pki/vpn.crt" -noout -checkend $((61 * 86400))
  for organization in vpn "second group"; do
    openssl x509 -in "$pki/vpn.crt" -noout -subject -nameopt RFC2253 | grep -Eq "O=$organization([,+]|$)" ||
      fail "vpn.crt lacks the organization $organization"
  done
  holds "$pki/etcd/vpn-monitor.crt" 1
  strict sslclient "$pki/vpn-root.crt" "$pki/etcd/vpn-monitor.crt"
  refuses strict sslserver "$pki/vpn-root.crt" "$pki/etcd/vpn-monitor.crt"
  strict sslserver "$pki/ca.crt" "$pki/kubelet-server.crt" -verify_hostname cp-1
  # The API server trusts the CA of the cluster, and has a certificate of that CA.
  embedded client-certificate-data "$work/ci.conf" >"$work/ci.crt"
  embedded certificate-authority-data "$work/ci.conf" >"$work/ci.ca"
  strict sslclient "$pki/ca.crt" "$work/ci.crt" -untrusted "$work/ci.crt"
  strict sslserver "$work/ci.ca" "$pki/apiserver.crt"
}

make_pki "$work" --config "$work/cluster.yaml"
pki=$work/pki
strict any "$pki/vpn-root.crt" "$pki/vpn-ca.crt"
text_of "$pki/vpn-root.crt" | grep -q 'CA:TRUE, pathlen:1' || fail "path length of the root"
text_of "$pki/vpn-ca.crt" | grep -q 'CA:TRUE, pathlen:0' || fail "path length of the intermediate CA"
text_of "$pki/users-ca.crt" | grep -A1 'Basic Constraints' | grep -q 'pathlen' && fail "a path length that nobody asked for"
check_all
"$pkigen" check-expiration --cert-dir "$pki" --kubelet-dir "$work/none" --quiet >"$work/check.log" || fail "check-expiration"
[ ! -s "$work/check.log" ] || fail "check-expiration reports something"

# The root is offline: its CAs go on signing, and what it signed itself is external.
mv "$pki/vpn-root.key" "$work/"
before=$(openssl x509 -in "$pki/vpn.crt" -noout -serial)
"$pkigen" renew all --cert-dir "$pki" >"$work/renew.log" 2>&1 || fail "renew"
[ "$(openssl x509 -in "$pki/vpn.crt" -noout -serial)" != "$before" ] || fail "vpn.crt was not renewed"
grep -q '^external *vpn-monitor' "$work/renew.log" || fail "vpn-monitor is not external"
check_all
rm "$pki/vpn.crt" "$pki/vpn.key"
"$pkigen" init --cert-dir "$pki" >"$work/again.log" 2>&1 || fail "init with an offline root"
check_all

# Without the intermediate CA only the holder of the root's key can go on.
mv "$pki/vpn-ca.key" "$pki/vpn-ca.crt" "$work/"
refuses "$pkigen" init --cert-dir "$pki"
grep -q 'vpn-root cannot sign it: its key is not here' "$work/refused.log" || fail "the missing key is not named"
[ ! -e "$pki/vpn-ca.crt" ] || fail "vpn-ca.crt was made"
