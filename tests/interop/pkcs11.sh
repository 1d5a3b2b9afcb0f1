#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The keys of two CAs are in a token of SoftHSM, which OpenSSL's provider pkcs11 uses: init, renew and csr sign with them,
# OpenSSL and GnuTLS accept the results, and what goes wrong changes nothing.
#
# usage: pkcs11.sh PKIGEN
set -euo pipefail
# shellcheck source=tests/interop/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

# library NAME: the first one below /usr/lib
library() { find /usr/lib /usr/lib64 -name "$1" -print -quit 2>/dev/null; }

for command in softhsm2-util pkcs11-tool certtool; do
  command -v $command >/dev/null || skip "$command is not installed"
done
[ -e "$(openssl version -m | sed 's/.*"\(.*\)"/\1/')/pkcs11.so" ] || skip "OpenSSL has no provider pkcs11"
module=$(library libsofthsm2.so)
spy=$(library pkcs11-spy.so)
[ -n "$module" ] || skip "there is no libsofthsm2.so"
[ -n "$spy" ] || skip "there is no pkcs11-spy.so"

umask 077
mkdir "$work/tokens"
printf '%s\n' "directories.tokendir = $work/tokens" 'objectstore.backend = file' 'log.level = ERROR' >"$work/softhsm2"
export SOFTHSM2_CONF=$work/softhsm2
printf '314159\n' >"$work/pin"
printf '271828\n' >"$work/wrong"

# The module of SoftHSM crashes when it is unloaded after OpenSSL has cleaned up, which the openssl command does.
cat >"$work/openssl.cnf" <<END
openssl_conf = start
[start]
providers = loaded
[loaded]
default = of_openssl
pkcs11 = of_tokens
[of_openssl]
activate = 1
[of_tokens]
activate = 1
pkcs11-module-path = $module
pkcs11-module-quirks = no-deinit
END

token() { pkcs11-tool --module "$module" --token-label pki "$@"; }

# make_ca STEM LABEL TYPE ID: a key that never leaves the token, and a certificate for it
make_ca() {
  token --login --pin "$(cat "$work/pin")" --keypairgen --key-type "$3" --label "$2" --id "$4" >"$work/keypairgen.log" 2>&1
  mkdir -p "$(dirname "$1")"
  OPENSSL_CONF=$work/openssl.cnf openssl req -x509 -key "pkcs11:token=pki;object=$2" -passin file:"$work/pin" -days 3650 \
    -out "$1.crt" -subj "/CN=$(basename "$1")" -addext basicConstraints=critical,CA:TRUE \
    -addext keyUsage=critical,digitalSignature,keyCertSign,cRLSign
  chmod 644 "$1.crt"
}

# logins RESULTS: those of each login since the last time, one on a line
logins() {
  local calls
  touch "$work/calls"
  calls=$(sed -n '/: C_Login$/,/^Returned/s/^Returned: *[0-9]* *//p' "$work/calls")
  rm "$work/calls"
  [ "$calls" = "$1" ] || fail "logins: '$calls', expected '$1'"
}

softhsm2-util --init-token --free --label pki --pin "$(cat "$work/pin")" --so-pin 12345678 >"$work/token.log"
pki=$work/pki
make_ca "$pki/ca" kubernetes-ca EC:prime256v1 01
make_ca "$pki/etcd/ca" etcd-ca rsa:2048 02
touch "$work/none.conf"
export PKCS11_PROVIDER_MODULE=$spy PKCS11SPY=$module PKCS11SPY_OUTPUT=$work/calls
init=("$pkigen" init --cert-dir "$pki" --node-name cp-1 --apiserver-advertise-address 192.168.10.11
  --encryption-algorithm ECDSA-P256)
keys=(--ca-key 'ca=pkcs11:token=pki;object=kubernetes-ca' --ca-key 'etcd-ca=pkcs11:token=pki;object=etcd-ca')
pin=(--ca-key-passphrase-file "$work/pin")

# A wrong PIN is tried once, whatever the number of certificates.
fails_with 'pkcs11:token=pki;object=kubernetes-ca: no such key, or a wrong passphrase or PIN' "${init[@]}" "${keys[@]}" \
  --ca-key-passphrase-file "$work/wrong"
logins CKR_PIN_INCORRECT
token --list-slots 2>/dev/null | grep -qF 'user PIN count low' || fail "the token saw no wrong PIN"
# Nobody but pkigen asks for the PIN.
fails_with 'needs a passphrase or PIN' setsid -w "${init[@]}" "${keys[@]}" <"$work/wrong"
if grep -qF 'Enter' "$work/failed.log"; then fail "OpenSSL asked for a PIN"; fi
logins ''
fails_with 'is not the key of the certificate CN=ca' "${init[@]}" "${keys[@]}" --ca-key 'ca=pkcs11:token=pki;object=etcd-ca' \
  "${pin[@]}"
fails_with 'pkcs11:token=pki;object=none: no such key' "${init[@]}" "${keys[@]}" --ca-key 'ca=pkcs11:token=pki;object=none' \
  "${pin[@]}"
fails_with 'pkcs11:token=other;object=ca: no such token' "${init[@]}" "${keys[@]}" \
  --ca-key 'ca=pkcs11:token=other;object=ca' "${pin[@]}"
rm "$work/calls"

"${init[@]}" "${keys[@]}" "${pin[@]}" >"$work/init.log" 2>&1
logins CKR_OK
check_leaves "$pki"
check_kubeconfigs "$pki"

# The configuration names the keys; the PIN of a service is a credential of systemd.
renew_with_credentials "$pki" ca etcd-ca
logins CKR_OK
check_no_ca_key "$pki" ca etcd/ca

# The openssl.cnf of the system may load the provider.
OPENSSL_CONF=$work/openssl.cnf "$pkigen" renew apiserver etcd-server --cert-dir "$pki" "${pin[@]}" >"$work/renew.log"
check_leaves "$pki"

# It signs the requests of another host.
mkdir -p "$work/host/pki"
cp "$pki/ca.crt" "$work/host/pki"
"$pkigen" csr create admin.conf --cert-dir "$work/host/pki" --node-name cp-2 --apiserver-advertise-address 192.168.10.12 \
  --encryption-algorithm ECDSA-P256 --bundle "$work/requests.json" >"$work/csr.log"
rm -f "$work/calls"
fails_with 'a wrong passphrase or PIN' "$pkigen" csr sign "$work/requests.json" --cert-dir "$pki" \
  --bundle "$work/certificates.json" --ca-key-passphrase-file "$work/wrong"
logins CKR_PIN_INCORRECT
[ ! -e "$work/certificates.json" ] || fail "a bundle was written"
"$pkigen" csr sign "$work/requests.json" --cert-dir "$pki" --bundle "$work/certificates.json" "${pin[@]}" >"$work/csr.log"
logins CKR_OK
"$pkigen" csr import "$work/certificates.json" --cert-dir "$work/host/pki" >"$work/csr.log"
embedded client-certificate-data "$work/host/admin.conf" >"$work/admin.crt"
strict sslclient "$pki/ca.crt" "$work/admin.crt"

# A token that goes away: nothing is written, and the report does not need it.
mv "$work/tokens" "$work/away"
fails_with 'pkcs11:token=pki;object=kubernetes-ca: cannot be opened' "$pkigen" renew all --cert-dir "$pki" "${pin[@]}"
mkdir "$work/tokens"
fails_with 'pkcs11:token=pki;object=kubernetes-ca: no such token or key' "$pkigen" renew all --cert-dir "$pki" "${pin[@]}"
rm "$work/calls"
"$pkigen" check-expiration --cert-dir "$pki" >"$work/report"
grep -qF 'no (pkcs11:token=pki;object=kubernetes-ca)' "$work/report" || fail "the report does not show where the key is"
"$pkigen" renew --if-needed --cert-dir "$pki" >"$work/renew.log"
[ ! -e "$work/calls" ] || fail "the token was used, though nothing was signed"
