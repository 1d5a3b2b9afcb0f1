#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Measures pkigen beside its peers and writes RESULTS.md and results.svg to build/bench.
#
# usage: tools/bench.sh [--runs N] [--output DIR] [--only init_rsa,start,…]
#
# Builds the release and the programs it needs in build/bench. Peers are measured where they are found: kubeadm and cfssl
# in PKIGEN_PEERS=DIR, in the cache of the conformance tests (tests/conformance/peers.sh kubeadm cfssl), or in the
# PATH; openssl; step. Takes about ten minutes on an idle machine.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=tools/lib/packages.sh
. tools/lib/packages.sh

case "${1:-}" in
  -h | --help) sed -n '3,/^set /{s/^# \{0,1\}//;/^set /d;p}' "$0" && exit 0 ;;
esac

need_build_tools
need_command python3 python3
need_command strip binutils
install_missing

say "building the release"
cmake --preset release -B build/bench -DPKI_BENCHMARKS=ON >/dev/null
cmake --build build/bench --target pkigen pki-bench

say "measuring"
exec python3 tests/benchmarks/results.py build/bench/tools/pkigen/pkigen build/bench/tests/benchmarks/pki-bench \
  --output build/bench "$@"
