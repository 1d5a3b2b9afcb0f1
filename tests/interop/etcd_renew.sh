#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A real etcd serves on while its certificates are renewed, and then shows the new one, without a restart.
#
# usage: etcd_renew.sh PKIGEN ALGORITHM
set -euo pipefail
# shellcheck source=tests/interop/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
command -v etcd >/dev/null || skip "no etcd here"

make_pki "$work" --encryption-algorithm "$2"
etcd_pki=$work/pki/etcd
client=(--cacert "$etcd_pki/ca.crt" --cert "$etcd_pki/healthcheck-client.crt" --key "$etcd_pki/healthcheck-client.key")
# On machines other than amd64 this etcd refuses to start without this variable.
ETCD_UNSUPPORTED_ARCH=$(dpkg --print-architecture)
export ETCD_UNSUPPORTED_ARCH

read -r port peer_port <<<"$(python3 - <<'END'
import socket
sockets = [socket.socket() for _ in range(2)]
for s in sockets:
    s.bind(("127.0.0.1", 0))
print(*(s.getsockname()[1] for s in sockets))
END
)"
timeout --kill-after=5 120 etcd --name one --data-dir "$work/data" --initial-cluster "one=https://127.0.0.1:$peer_port" \
  --listen-client-urls "https://127.0.0.1:$port" --advertise-client-urls "https://127.0.0.1:$port" \
  --listen-peer-urls "https://127.0.0.1:$peer_port" --initial-advertise-peer-urls "https://127.0.0.1:$peer_port" \
  --cert-file "$etcd_pki/server.crt" --key-file "$etcd_pki/server.key" \
  --trusted-ca-file "$etcd_pki/ca.crt" --client-cert-auth \
  --peer-cert-file "$etcd_pki/peer.crt" --peer-key-file "$etcd_pki/peer.key" \
  --peer-trusted-ca-file "$etcd_pki/ca.crt" --peer-client-cert-auth >"$work/etcd.log" 2>&1 &
pids+=($!)
etcd=$!

health() {
  curl --silent --show-error --fail --max-time 5 --noproxy '*' "${client[@]}" "https://127.0.0.1:$port/health"
}

served_serial() { # PORT STEM
  openssl s_client -connect "127.0.0.1:$1" -CAfile "$etcd_pki/ca.crt" -cert "$etcd_pki/$2.crt" -key "$etcd_pki/$2.key" \
    </dev/null 2>/dev/null | openssl x509 -noout -serial
}

serial() { # STEM
  openssl x509 -in "$etcd_pki/$1.crt" -noout -serial
}

wait_until 40 health || fail "etcd is not healthy"
old_server=$(serial server)
old_peer=$(serial peer)
[ "$(served_serial "$port" healthcheck-client)" = "$old_server" ] || fail "etcd does not show its certificate"

# Whoever asks all the time gets an answer every time, before, during and after.
touch "$work/asking"
(
  while [ -e "$work/asking" ]; do
    health >"$work/answer.log" 2>&1 && echo good || echo bad
  done >"$work/answers"
) &
asker=$!
pids+=("$asker")

"$pkigen" renew --cert-dir "$work/pki" etcd-server etcd-peer >"$work/renew.log" 2>&1 || fail "renew"
grep -q 'Reload by themselves: etcd' "$work/renew.log" || fail "the report does not say that etcd reloads"
refuses grep Restart "$work/renew.log"
[ "$(serial server)" != "$old_server" ] || fail "the server certificate is the old one"
[ "$(serial peer)" != "$old_peer" ] || fail "the peer certificate is the old one"

wait_until 20 health || fail "etcd is not healthy after the renewal"
[ "$(served_serial "$port" healthcheck-client)" = "$(serial server)" ] || fail "etcd does not show the new certificate"
[ "$(served_serial "$peer_port" peer)" = "$(serial peer)" ] || fail "etcd does not show the new peer certificate"

rm "$work/asking"
wait "$asker" || true
kill -0 "$etcd" || fail "etcd has ended"
grep -q good "$work/answers" || fail "nobody asked"
refuses grep bad "$work/answers"
