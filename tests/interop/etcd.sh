#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A real etcd of two members lives on what pkigen makes: peers and clients must show certificates, and get on.
#
# usage: etcd.sh PKIGEN ALGORITHM
set -euo pipefail
# shellcheck source=tests/interop/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
if ! command -v etcd etcdctl >/dev/null; then skip "no etcd here"; fi

make_pki "$work" --encryption-algorithm "$2"
etcd_pki=$work/pki/etcd
client=(--cacert "$etcd_pki/ca.crt" --cert "$etcd_pki/healthcheck-client.crt" --key "$etcd_pki/healthcheck-client.key")
# On machines other than amd64 this etcd refuses to start without this variable.
ETCD_UNSUPPORTED_ARCH=$(dpkg --print-architecture)
export ETCDCTL_API=3 ETCD_UNSUPPORTED_ARCH

# start_member NAME CLIENT_PORT PEER_PORT CLUSTER; it ends by itself, should this script be killed.
start_member() {
  timeout --kill-after=5 90 etcd --name "$1" --data-dir "$work/$1" --initial-cluster "$4" \
    --listen-client-urls "https://127.0.0.1:$2" --advertise-client-urls "https://127.0.0.1:$2" \
    --listen-peer-urls "https://127.0.0.1:$3" --initial-advertise-peer-urls "https://127.0.0.1:$3" \
    --cert-file "$etcd_pki/server.crt" --key-file "$etcd_pki/server.key" \
    --trusted-ca-file "$etcd_pki/ca.crt" --client-cert-auth \
    --peer-cert-file "$etcd_pki/peer.crt" --peer-key-file "$etcd_pki/peer.key" \
    --peer-trusted-ca-file "$etcd_pki/ca.crt" --peer-client-cert-auth >"$work/$1.log" 2>&1 &
  pids+=($!)
}

health() { # PORT [curl options…]
  curl --silent --show-error --fail --max-time 5 --noproxy '*' "${@:2}" "https://127.0.0.1:$1/health"
}

etcd_control() {
  etcdctl --endpoints "https://127.0.0.1:$a" --command-timeout 10s "$@"
}

# Two members have no quorum unless they trust each other: a healthy answer proves the peer certificates.
read -r a a_peer b b_peer <<<"$(free_ports 4)"
cluster=one=https://127.0.0.1:$a_peer,two=https://127.0.0.1:$b_peer
start_member one "$a" "$a_peer" "$cluster"
start_member two "$b" "$b_peer" "$cluster"

wait_until 40 health "$a" "${client[@]}" || fail "member one is not healthy"
wait_until 40 health "$b" "${client[@]}" || fail "member two is not healthy"
health "$a" "${client[@]}" | grep '"health":"true"'
etcd_control "${client[@]}" endpoint health

# The API server's client may write and read.
apiserver=(--cacert "$etcd_pki/ca.crt" --cert "$work/pki/apiserver-etcd-client.crt"
  --key "$work/pki/apiserver-etcd-client.key")
etcd_control "${apiserver[@]}" put registry/answer 42
etcd_control "${apiserver[@]}" get registry/answer --print-value-only | grep -x 42

# Nobody else: no certificate, a certificate of the cluster CA, a certificate at the peer port.
refuses health "$a" --cacert "$etcd_pki/ca.crt"
refuses health "$a" --cacert "$etcd_pki/ca.crt" --cert "$work/pki/apiserver-kubelet-client.crt" \
  --key "$work/pki/apiserver-kubelet-client.key"
refuses health "$a_peer" --cacert "$etcd_pki/ca.crt"
# And a client that trusts another CA does not talk to this etcd.
refuses health "$a" --cacert "$work/pki/ca.crt" "${client[@]:2}"
