#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Builds pkigen and makes a demo PKI with it: from a bare Debian or Ubuntu to a tree of certificates in one command.
#
# usage: tools/quickstart.sh
#
# Installs missing build packages (root or sudo), builds the hardened release into build/quickstart, and makes the PKI
# in a new temporary directory: pkigen does not write where another user owns a directory on the way, and a checkout
# may be another user's when this runs as root.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=tools/lib/packages.sh
. tools/lib/packages.sh

if [ $# -gt 0 ]; then
  sed -n '3,/^set /{s/^# \{0,1\}//;/^set /d;p}' "$0"
  exit 2
fi

need_build_tools
install_missing

say "building pkigen"
# With the system's fmt library files compile in half the time; the shipped program has it compiled in.
cmake --preset release -B build/quickstart -DPKI_FMT=fmt::fmt >/dev/null
cmake --build build/quickstart --target pkigen
pkigen=build/quickstart/tools/pkigen/pkigen

demo=$(mktemp -d "${TMPDIR:-/tmp}/pkigen-demo.XXXXXX")
say "making a PKI in $demo"
"$pkigen" init --cert-dir "$demo/pki" --node-name cp-1 --apiserver-advertise-address 192.168.10.11 \
  --control-plane-endpoint api.example.internal:6443

say "the files"
(cd "$demo" && find . -mindepth 1 -not -path '*/.*' -printf '%M  %P\n' | sort -k2)

say "their expiry"
"$pkigen" check-expiration --cert-dir "$demo/pki"
