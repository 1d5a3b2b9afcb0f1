#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# CAs that were there before, made by another tool: pkigen's leaves chain to them, and their files stay as they are.
#
# usage: existing_ca.sh PKIGEN FORM      with FORM one of rsa-pkcs1 rsa-pkcs8 ec-sec1 ec-pkcs8 external
set -euo pipefail
# shellcheck source=tests/interop/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
form=$2

make_key() { # FILE
  case $form in
    rsa-pkcs1) openssl genrsa -traditional -out "$1" 2048 2>/dev/null ;;
    rsa-pkcs8) openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out "$1" 2>/dev/null ;;
    # With the block EC PARAMETERS before the key, as the command writes it.
    ec-sec1) openssl ecparam -name prime256v1 -genkey -out "$1" ;;
    *) openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-384 -out "$1" ;;
  esac
  chmod 600 "$1"
}

# A CA as kubeadm writes it: keyEncipherment and no cRLSign, a DNS name equal to the common name.
make_ca() { # STEM COMMON_NAME
  mkdir -p "$(dirname "$1")"
  make_key "$1.key"
  openssl req -x509 -new -key "$1.key" -out "$1.crt" -days 3650 -subj "/CN=$2" \
    -addext keyUsage=critical,digitalSignature,keyEncipherment,keyCertSign -addext "subjectAltName=DNS:$2"
  chmod 644 "$1.crt"
}

digests() {
  find "$work" -type f \( -name '*.crt' -o -name '*.key' -o -name '*.conf' \) -exec sha256sum {} + | sort -k2
}

make_ca "$work/pki/ca" kubernetes
make_ca "$work/pki/front-proxy-ca" front-proxy-ca
make_ca "$work/pki/etcd/ca" etcd-ca
before=$(digests)

if [ "$form" = external ]; then
  # No key, and nothing that it signed: every leaf is named as a problem, and nothing is written.
  mv "$work/pki/ca.key" "$work/elsewhere"
  before=$(digests)
  refuses make_pki "$work" --encryption-algorithm ECDSA-P256
  grep -q 'apiserver' "$work/init.log" || fail "the leaf that cannot be signed is not named"
  [ "$(digests)" = "$before" ] || fail "something was written"
  mv "$work/elsewhere" "$work/pki/ca.key"
fi

make_pki "$work" --encryption-algorithm ECDSA-P256
if grep -vxFf <(digests) <<<"$before"; then fail "a file of the CA was changed"; fi
check_leaves "$work/pki"
for name in $kubeconfigs; do
  [ "$(embedded certificate-authority-data "$work/$name.conf")" = "$(cat "$work/pki/ca.crt")" ] || fail "$name: CA"
done

if [ "$form" = external ]; then
  # With all leaves there the CA keys can go elsewhere, and `init` has nothing to do.
  rm "$work/pki/ca.key" "$work/pki/front-proxy-ca.key" "$work/pki/etcd/ca.key"
  before=$(digests)
  make_pki "$work" --encryption-algorithm ECDSA-P256
  [ "$(digests)" = "$before" ] || fail "something was written"
fi
