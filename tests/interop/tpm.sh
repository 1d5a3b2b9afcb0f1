#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The keys of the CAs are in a software TPM: init and renew sign with them, OpenSSL and GnuTLS accept the results, the
# keys are on no disk, and what goes wrong changes nothing.
#
# usage: tpm.sh PKIGEN
set -euo pipefail
# shellcheck source=tests/interop/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

for command in swtpm tpm2_createprimary certtool; do
  command -v $command >/dev/null || skip "$command is not installed"
done
[ -e "$(openssl version -m | sed 's/.*"\(.*\)"/\1/')/tpm2.so" ] || skip "OpenSSL has no provider tpm2"

# It ends by itself where this script cannot end it.
mkdir "$work/state"
timeout 600 swtpm socket --tpm2 --tpmstate dir="$work/state" --server type=unixio,path="$work/tpm" \
  --ctrl type=unixio,path="$work/tpm.ctrl" --flags not-need-init,startup-clear >"$work/swtpm.log" 2>&1 &
tpm=$!
pids+=("$tpm")
wait_until 10 test -S "$work/tpm"
export TPM2TOOLS_TCTI="swtpm:path=$work/tpm" TPM2OPENSSL_TCTI="swtpm:path=$work/tpm"

by_tpm=(-provider tpm2 -provider default -propquery '?provider=tpm2')
umask 077
printf 'secret of the TPM\n' >"$work/pin"
printf 'not that secret\n' >"$work/wrong"

# make_ca STEM HANDLE ALGORITHM [PASSWORD]: a key that never leaves the TPM, and a certificate for it
make_ca() {
  tpm2_createprimary -Q -C o -g sha256 -G ecc -c "$work/primary"
  tpm2_create -Q -C "$work/primary" -G "$3" -p "${4-}" -u "$work/public" -r "$work/sealed" \
    -a 'fixedtpm|fixedparent|sensitivedataorigin|userwithauth|sign'
  tpm2_flushcontext -t
  tpm2_load -Q -C "$work/primary" -u "$work/public" -r "$work/sealed" -c "$work/loaded"
  tpm2_flushcontext -t
  tpm2_evictcontrol -Q -C o -c "$work/loaded" "$2"
  tpm2_flushcontext -t
  rm "$work/primary" "$work/public" "$work/sealed" "$work/loaded"
  mkdir -p "$(dirname "$1")"
  openssl req -x509 "${by_tpm[@]}" -key "handle:$2${4:+?pass}" -passin file:"$work/pin" -days 3650 -out "$1.crt" \
    -subj "/CN=$(basename "$1")" -addext keyUsage=critical,digitalSignature,keyCertSign,cRLSign
  chmod 644 "$1.crt"
}

wrong_passwords() { tpm2_getcap properties-variable | sed -n 's/TPM2_PT_LOCKOUT_COUNTER: //p'; }

pki=$work/pki
make_ca "$pki/ca" 0x81000001 ecc256 "$(cat "$work/pin")"
make_ca "$pki/front-proxy-ca" 0x81000002 ecc384
make_ca "$pki/etcd/ca" 0x81000003 rsa2048
touch "$work/none.conf"
init=("$pkigen" init --cert-dir "$pki" --node-name cp-1 --apiserver-advertise-address 192.168.10.11
  --encryption-algorithm ECDSA-P256)
keys=(--ca-key 'ca=handle:0x81000001?pass' --ca-key front-proxy-ca=handle:0x81000002 --ca-key etcd-ca=handle:0x81000003)

# A wrong password is tried once, whatever the number of certificates.
fails_with 'handle:0x81000001?pass: cannot sign' "${init[@]}" "${keys[@]}" --ca-key-passphrase-file "$work/wrong"
[ "$(wrong_passwords)" = 0x1 ] || fail "the TPM counted $(wrong_passwords) wrong passwords, expected one"
fails_with 'needs a passphrase or PIN' setsid -w "${init[@]}" "${keys[@]}" </dev/null
fails_with 'is not the key of the certificate CN=ca' "${init[@]}" "${keys[@]}" --ca-key etcd-ca=handle:0x81000003 \
  --ca-key ca=handle:0x81000003
fails_with 'handle:0x81000009: ' "${init[@]}" "${keys[@]}" --ca-key etcd-ca=handle:0x81000009 \
  --ca-key-passphrase-file "$work/pin"

"${init[@]}" "${keys[@]}" --ca-key-passphrase-file "$work/pin" >"$work/init.log"
check_leaves "$pki"
check_kubeconfigs "$pki"

# The configuration names the keys; the passphrase of a service is a credential of systemd.
renew_with_credentials "$pki" ca

check_no_ca_key "$pki" ca front-proxy-ca etcd/ca

# A key that the TPM has sealed into a file, which is of no use without this TPM.
mkdir -p "$work/sealed/pki"
openssl genpkey "${by_tpm[@]}" -algorithm EC -pkeyopt group:P-256 -out "$work/sealed.key" 2>"$work/genpkey.log"
openssl req -x509 "${by_tpm[@]}" -key "$work/sealed.key" -subj /CN=ca -days 3650 -out "$work/sealed/pki/ca.crt" \
  -addext keyUsage=critical,digitalSignature,keyCertSign,cRLSign
make_pki "$work/sealed" --encryption-algorithm ECDSA-P256 --ca-key ca=file:"$work/sealed.key"
strict sslserver "$work/sealed/pki/ca.crt" "$work/sealed/pki/apiserver.crt"

# A TPM that goes away: nothing is written, and the report does not need it.
kill "$tpm"
wait "$tpm" || true
fails_with "cannot load OpenSSL's provider tpm2" "$pkigen" renew all --cert-dir "$pki" \
  --ca-key-passphrase-file "$work/pin"
"$pkigen" check-expiration --cert-dir "$pki" >"$work/report"
grep -qF 'no (handle:0x81000001?pass)' "$work/report" || fail "the report does not show where the key is"
"$pkigen" renew --if-needed --cert-dir "$pki" >"$work/renew.log"
