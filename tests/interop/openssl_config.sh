#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# openssl.cnf decides which providers make keys: where it asks for FIPS and there is no FIPS provider, nothing is written.
#
# usage: openssl_config.sh PKIGEN ALGORITHM
set -euo pipefail
# shellcheck source=tests/interop/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
algorithm=$2

# config NAME: a configuration with the sections on standard input
config() { cat >"$work/$1.cnf"; }

init() { # NAME
  OPENSSL_CONF=$work/$1.cnf "$pkigen" init --cert-dir "$work/$1/pki" --kubeconfig-dir "$work/$1" --node-name cp-1 \
    --apiserver-advertise-address 192.0.2.1 --encryption-algorithm "$algorithm" >"$work/$1.log" 2>&1
}

accepts() { # NAME
  init "$1" || fail "$1: init failed: $(cat "$work/$1.log")"
  [ -s "$work/$1/pki/ca.key" ] || fail "$1: no ca.key"
}

refuses_with() { # NAME TEXT
  if init "$1"; then fail "$1: init made keys"; fi
  grep -q -- "$2" "$work/$1.log" || fail "$1: the message does not say \"$2\": $(cat "$work/$1.log")"
  [ -z "$(find "$work/$1" -type f ! -name '*.lock' 2>/dev/null)" ] || fail "$1: files were written"
}

# What every OpenSSL has, in full words.
config default <<'C'
openssl_conf = init
[init]
providers = providers
[providers]
default = default_provider
[default_provider]
activate = 1
C
config empty </dev/null
accepts default
accepts empty
accepts missing # there is no such file

# These sections change the whole process. That is for applications to want, and they are not applied.
config of_the_process <<'C'
openssl_conf = init
[init]
engines = nowhere
ssl_conf = nowhere
oid_section = nowhere
no_such_module = nowhere
C
accepts of_the_process

# FIPS is asked for in each of the ways of fips_module(7), and there is no FIPS provider.
config fips_property <<'C'
openssl_conf = init
[init]
providers = providers
alg_section = algorithms
[providers]
base = base
[base]
activate = 1
[algorithms]
default_properties = fips=yes
C
config fips_property_and_default_provider <<'C'
openssl_conf = init
[init]
providers = providers
alg_section = algorithms
[providers]
default = default_provider
base = base
[default_provider]
activate = 1
[base]
activate = 1
[algorithms]
default_properties = fips=yes
C
config without_default_provider <<'C'
openssl_conf = init
[init]
providers = providers
[providers]
base = base
[base]
activate = 1
C
for name in fips_property fips_property_and_default_provider without_default_provider; do
  refuses_with "$name" "OpenSSL's providers, as configured,"
done

# A provider that cannot be loaded is not replaced by the default one. Versions of OpenSSL notice it at different points.
config fips_module_missing <<'C'
openssl_conf = init
[init]
providers = providers
[providers]
fips = fips
base = base
[fips]
module = /nonexistent/fips.so
activate = 1
[base]
activate = 1
C
refuses_with fips_module_missing "OpenSSL's"

# OpenSSL ignores a file that it cannot apply, and goes on with its default provider.
config malformed <<'C'
[init
C
refuses_with malformed "malformed.cnf: cannot apply OpenSSL's configuration"
config section_missing <<'C'
openssl_conf = init
C
refuses_with section_missing "section_missing.cnf: cannot apply OpenSSL's configuration"
