#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# systemd takes the units as they are installed, and calls the sandbox of the services a safe one.
#
# usage: units.sh PKIGEN BUILD_DIR SOURCE_DIR    the services are below BUILD_DIR, the timers in SOURCE_DIR
set -euo pipefail
if ! command -v systemd-analyze >/dev/null; then
  echo "skipped: no systemd-analyze here"
  exit 77
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp "$2"/pkigen-*.service "$3"/pkigen-*.timer "$work"
# The program is not installed where the units will find it: only its place is changed.
sed -i "s#^ExecStart=[^ ]*#ExecStart=$(realpath "$1")#" "$work"/*.service
chmod 644 "$work"/*
units=("$work"/*)
[ ${#units[@]} = 4 ] || { echo "found ${#units[@]} units, expected 4"; exit 1; }

export SYSTEMD_PAGER=cat SYSTEMD_LOG_LEVEL=warning
found=$(systemd-analyze verify --man=no "${units[@]}" 2>&1)
# What other units of this machine have wrong is not ours.
if grep pkigen <<<"$found"; then exit 1; fi

if systemd-analyze --help | grep -q -- --offline; then
  for service in "$work"/*.service; do
    systemd-analyze security --offline=true --threshold=40 --no-pager "$service" | tail -n 1
  done
fi
