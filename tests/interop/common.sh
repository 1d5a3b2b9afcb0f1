# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# What the scripts of this folder share. Each is called with the path of pkigen and works in a directory of its own.

pkigen=$1
work=$(mktemp -d)
pids=()
# Nothing of the caller's may decide what these tests talk to.
unset KUBECONFIG http_proxy https_proxy all_proxy HTTP_PROXY HTTPS_PROXY ALL_PROXY ETCDCTL_API
export HOME=$work LC_ALL=C.UTF-8

# Called by the trap.
# shellcheck disable=SC2317
clean_up() {
  local status=$?
  local pid
  for pid in "${pids[@]}"; do
    kill "$pid" 2>/dev/null || true
    wait "$pid" 2>/dev/null || true
  done
  [ $status -eq 0 ] || tail -n 20 "$work"/*.log >&2 2>/dev/null || true
  rm -rf "$work"
}
trap clean_up EXIT

fail() {
  echo "FAILED: $*" >&2
  exit 1
}

skip() {
  echo "skipped: $*"
  exit 77
}

# refuses COMMAND…: the command fails, as it must.
refuses() {
  if ("$@") >"$work/refused.log" 2>&1; then fail "this must not succeed: $*"; fi
}

# make_pki DIR [flags…]
make_pki() {
  "$pkigen" init --cert-dir "$1/pki" --node-name cp-1 --apiserver-advertise-address 192.168.10.11 \
    --control-plane-endpoint api.example.internal:6443 "${@:2}" >"$work/init.log" 2>&1 || {
    cat "$work/init.log" >&2
    fail "pkigen init ${*:2}"
  }
}

# embedded FIELD KUBECONFIG: the PEM text of a *-data field
embedded() {
  sed -n "s/.*$1: *\"\{0,1\}\([A-Za-z0-9+\/=]*\)\"\{0,1\}\$/\1/p" "$2" | base64 -d
}

# free_ports COUNT: loopback ports that nobody listens on now
free_ports() {
  python3 -c 'import socket, sys
sockets = [socket.socket() for _ in range(int(sys.argv[1]))]
for each in sockets:
    each.bind(("127.0.0.1", 0))
print(*(each.getsockname()[1] for each in sockets))' "$1"
}

# wait_until SECONDS COMMAND…
wait_until() {
  local end=$((SECONDS + $1))
  until "${@:2}" >"$work/wait.log" 2>&1; do
    [ $SECONDS -lt $end ] || { cat "$work/wait.log" >&2; return 1; }
    sleep 0.2
  done
}

# strict PURPOSE CA CERTIFICATE [options…]
strict() {
  openssl verify -x509_strict -purpose "$1" -CAfile "$2" "${@:4}" "$3"
}

# Every leaf with its issuer and what it is for, as the Kubernetes document "PKI certificates and requirements" says.
leaves="apiserver                ca              sslserver
        apiserver-kubelet-client ca              sslclient
        front-proxy-client       front-proxy-ca  sslclient
        etcd/server              etcd/ca         sslserver sslclient
        etcd/peer                etcd/ca         sslserver sslclient
        etcd/healthcheck-client  etcd/ca         sslclient
        apiserver-etcd-client    etcd/ca         sslclient"
declare -A oids=([sslserver]=1.3.6.1.5.5.7.3.1 [sslclient]=1.3.6.1.5.5.7.3.2)
# Of use to the scripts that read this file.
# shellcheck disable=SC2034
kubeconfigs="admin super-admin kubelet controller-manager scheduler"

# check_leaves PKI: OpenSSL and GnuTLS accept each leaf for what it is for, and OpenSSL for nothing else.
check_leaves() {
  local leaf issuer purposes purpose
  while read -r leaf issuer purposes; do
    for purpose in sslserver sslclient; do
      if [[ " $purposes " == *" $purpose "* ]]; then
        strict $purpose "$1/$issuer.crt" "$1/$leaf.crt"
      else
        refuses strict $purpose "$1/$issuer.crt" "$1/$leaf.crt"
      fi
    done
    cat "$1/$leaf.crt" "$1/$issuer.crt" >"$work/chain.pem"
    certtool --verify-profile medium --verify-chain --infile "$work/chain.pem" >"$work/certtool.log" 2>&1 ||
      fail "certtool: $leaf"
    for purpose in $purposes; do
      certtool --verify-profile medium --verify --verify-purpose "${oids[$purpose]}" --load-ca-certificate "$1/$issuer.crt" \
        --infile "$1/$leaf.crt" >"$work/certtool.log" 2>&1 || fail "certtool: $leaf as $purpose"
    done
    check_pair "$1/$leaf.crt" "$1/$leaf.key"
  done <<<"$leaves"
}

# check_pair CERTIFICATE KEY: both hold the same public key, and the key is valid.
check_pair() {
  openssl pkey -in "$2" -check -noout >"$work/pkey.log"
  [ "$(openssl x509 -in "$1" -noout -pubkey)" = "$(openssl pkey -in "$2" -pubout)" ] || fail "$2 is not the key of $1"
}

# For the scripts whose CA keys are elsewhere: the PKI is $work/pki, and the secret of the keys is in $work/pin.
digests() {
  find "$work/pki" "$work"/*.conf -type f -not -path '*/.pkigen/*' -exec sha256sum {} + | sort -k2
}

# fails_with TEXT COMMAND…: status 1, the text on stderr, no secret in it, and every file is as before
fails_with() {
  local before status=0
  before=$(digests)
  "${@:2}" >"$work/failed.log" 2>&1 || status=$?
  [ $status -eq 1 ] || fail "status $status, expected 1: ${*:2}"
  grep -qF -- "$1" "$work/failed.log" || { cat "$work/failed.log" >&2; fail "expected: $1"; }
  if grep -qF -f "$work/pin" "$work/failed.log"; then fail "the secret is in a message"; fi
  [ "$(digests)" = "$before" ] || fail "something was written: ${*:2}"
}

# check_kubeconfigs PKI: OpenSSL accepts the client certificate of each kubeconfig beside it
check_kubeconfigs() {
  local name
  for name in $kubeconfigs; do
    embedded client-certificate-data "$work/$name.conf" >"$work/$name.crt"
    strict sslclient "$1/ca.crt" "$work/$name.crt"
  done
}

# renew_with_credentials PKI CA…: everything, with the secret of each CA among the credentials of a service
renew_with_credentials() {
  local ca serial
  mkdir "$work/credentials"
  for ca in "${@:2}"; do cp "$work/pin" "$work/credentials/pkigen.$ca.passphrase"; done
  serial=$(openssl x509 -in "$1/apiserver.crt" -noout -serial)
  CREDENTIALS_DIRECTORY=$work/credentials "$pkigen" renew all --cert-dir "$1" >"$work/renew.log"
  [ "$(openssl x509 -in "$1/apiserver.crt" -noout -serial)" != "$serial" ] || fail "apiserver was not renewed"
  check_leaves "$1"
}

# check_no_ca_key PKI CA…: the keys of the CAs are on no disk, that is, no private key there has their public half.
check_no_ca_key() {
  local found=0 file public ca
  while read -r file; do
    embedded client-key-data "$file" >"$work/found.key"
    [ -s "$work/found.key" ] || cp "$file" "$work/found.key"
    public=$(openssl pkey -in "$work/found.key" -pubout 2>"$work/pkey.log") || continue
    found=$((found + 1))
    for ca in "${@:2}"; do
      [ "$public" != "$(openssl x509 -in "$1/$ca.crt" -noout -pubkey)" ] || fail "$file has the key of $ca"
    done
  done < <(grep -rlE 'PRIVATE KEY|client-key-data' "$1" "$work"/*.conf "$1/.pkigen")
  [ $found -ge 24 ] || fail "looked at $found private keys, expected those of 12 leaves before and after the renewal"
}
