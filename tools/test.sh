#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Builds and runs the tests, and ends with their count.
#
# usage: tools/test.sh [--full | --conformance] [--preset dev|full|asan|tsan] [ctest options…]
#
# Installs missing packages (root or sudo) and builds into build/PRESET. --full runs the long tests, too, which takes two
# hours on two idle cores, with the preset full. --conformance runs only those beside the real kubeadm and on a real
# control plane, which Go builds or which are taken from PKIGEN_PEERS=DIR (tests/conformance/README.md). Options for ctest
# choose among the tests: `tools/test.sh -L golden`, `tools/test.sh -R kubectl -V`.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=tools/lib/packages.sh
. tools/lib/packages.sh

preset=dev
chosen=(-LE '^(full|conformance)$')
while [ $# -gt 0 ]; do
  case $1 in
    --preset) preset=${2:?--preset needs a name} && shift 2 ;;
    --full) chosen=(-LE '^conformance$') && preset=full && shift ;;
    --conformance) chosen=(-L '^conformance$') && shift ;;
    -h | --help) sed -n '3,/^set /{s/^# \{0,1\}//;/^set /d;p}' "$0" && exit 0 ;;
    *) break ;;
  esac
done

need_build_tools
need_test_tools
install_missing

say "building $preset"
cmake --preset "$preset" >/dev/null
cmake --build --preset "$preset"

say "testing $preset"
ctest --preset "$preset" -j "$(nproc)" "${chosen[@]}" "$@"
