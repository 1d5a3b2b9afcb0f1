#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# OpenSSL and GnuTLS verify the files that pkigen makes: chains, purposes, names, keys, file modes.
#
# usage: chains.sh PKIGEN ALGORITHM
set -euo pipefail
# shellcheck source=tests/interop/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

# The modes are the same under any umask.
umask 0
[ "$2" = RSA-2048 ] || umask 077
make_pki "$work" --encryption-algorithm "$2"
pki=$work/pki

for ca in ca front-proxy-ca etcd/ca; do
  strict any "$pki/$ca.crt" "$pki/$ca.crt" -check_ss_sig
  check_pair "$pki/$ca.crt" "$pki/$ca.key"
done
check_leaves "$pki"
[ "$(openssl pkey -in "$pki/sa.key" -pubout)" = "$(cat "$pki/sa.pub")" ] || fail "sa.pub is not that of sa.key"

for name in $kubeconfigs; do
  [ "$(embedded certificate-authority-data "$work/$name.conf")" = "$(cat "$pki/ca.crt")" ] || fail "$name: CA"
  embedded client-certificate-data "$work/$name.conf" >"$work/$name.crt"
  embedded client-key-data "$work/$name.conf" >"$work/$name.key"
  strict sslclient "$pki/ca.crt" "$work/$name.crt"
  check_pair "$work/$name.crt" "$work/$name.key"
done

# A leaf of one CA is nothing to another.
refuses strict sslclient "$pki/front-proxy-ca.crt" "$pki/apiserver-kubelet-client.crt"
refuses strict sslclient "$pki/ca.crt" "$pki/etcd/peer.crt"

for name in cp-1 kubernetes kubernetes.default kubernetes.default.svc kubernetes.default.svc.cluster.local \
  api.example.internal; do
  strict sslserver "$pki/ca.crt" "$pki/apiserver.crt" -verify_hostname $name
done
strict sslserver "$pki/ca.crt" "$pki/apiserver.crt" -verify_ip 10.96.0.1
strict sslserver "$pki/ca.crt" "$pki/apiserver.crt" -verify_ip 192.168.10.11
refuses strict sslserver "$pki/ca.crt" "$pki/apiserver.crt" -verify_ip 127.0.0.1
for leaf in server peer; do
  for address in 127.0.0.1 ::1 192.168.10.11; do
    strict sslserver "$pki/etcd/ca.crt" "$pki/etcd/$leaf.crt" -verify_ip $address
  done
  strict sslserver "$pki/etcd/ca.crt" "$pki/etcd/$leaf.crt" -verify_hostname localhost
done

expected_mode() {
  case $1 in
    *.crt | *.pub) echo 644 ;;
    *.key | *.conf) echo 600 ;;
    *) stat -c %a "$1" ;;
  esac
}
for file in "$pki"/*.* "$pki"/etcd/*.* "$work"/*a*.conf "$work"/kubelet.conf "$work"/scheduler.conf; do
  [ "$(stat -c %a "$file")" = "$(expected_mode "$file")" ] || fail "$file has mode $(stat -c %a "$file")"
  if [ ! -f "$file" ] || [ -L "$file" ]; then fail "$file is not a regular file"; fi
done
for directory in "$pki" "$pki/etcd"; do
  [ "$(stat -c %a "$directory")" = 755 ] || fail "$directory has mode $(stat -c %a "$directory")"
done
certificates=$(find "$pki" -name '*.crt' | wc -l)
keys=$(find "$pki" -name '*.key' | wc -l)
[ "$certificates $keys" = "10 11" ] || fail "$certificates certificates and $keys keys, expected 10 and 11"
