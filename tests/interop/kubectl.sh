#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A real kubectl reads every kubeconfig, and with it gets through mutual TLS to a server that shows apiserver.crt.
#
# usage: kubectl.sh PKIGEN ALGORITHM
set -euo pipefail
# shellcheck source=tests/interop/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
command -v kubectl >/dev/null || skip "no kubectl here"

make_pki "$work" --encryption-algorithm "$2" --cluster-name demo

# view KUBECONFIG JSONPATH
view() {
  kubectl --kubeconfig "$work/$1.conf" config view --raw -o "jsonpath={$2}"
}

expect() { # FOUND WANTED
  [ "$1" = "$2" ] || fail "$name.conf: found '$1', expected '$2'"
}

# The API server's part is played by OpenSSL: it asks for a client certificate of the cluster CA and closes without.
port=$(free_ports 1)
timeout --kill-after=5 90 openssl s_server -accept "127.0.0.1:$port" -www -quiet -Verify 1 -verify_return_error \
  -CAfile "$work/pki/ca.crt" -cert "$work/pki/apiserver.crt" -key "$work/pki/apiserver.key" \
  >"$work/server.log" 2>&1 &
pids+=($!)

reach() { # kubectl options…
  kubectl --server "https://127.0.0.1:$port" --tls-server-name kubernetes.default.svc --request-timeout 10s "$@" \
    get --raw /
}
wait_until 20 reach --kubeconfig "$work/admin.conf" || fail "kubectl does not reach the server"

while read -r name user server; do
  expect "$(view "$name" .current-context)" "$user@demo"
  expect "$(view "$name" '.contexts[*].context.cluster') $(view "$name" '.contexts[*].context.user')" "demo $user"
  expect "$(view "$name" '.clusters[*].name') $(view "$name" '.users[*].name')" "demo $user"
  expect "$(view "$name" '.clusters[*].cluster.server')" "$server"
  view "$name" '.users[*].user.client-certificate-data' | base64 -d >"$work/client.crt"
  expect "$(openssl x509 -in "$work/client.crt" -noout -subject -nameopt multiline | sed -n 's/ *commonName *= //p')" "$user"
  reach --kubeconfig "$work/$name.conf" >"$work/page.log" || fail "$name.conf does not open the door"
done <<'END'
admin kubernetes-admin https://api.example.internal:6443
super-admin kubernetes-super-admin https://api.example.internal:6443
kubelet system:node:cp-1 https://192.168.10.11:6443
controller-manager system:kube-controller-manager https://192.168.10.11:6443
scheduler system:kube-scheduler https://192.168.10.11:6443
END

# Without a client certificate the door stays shut.
refuses reach --kubeconfig /dev/null --certificate-authority "$work/pki/ca.crt"
