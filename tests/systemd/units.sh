#!/usr/bin/env bash
# systemd takes the units as they are installed, and calls the sandbox of the service a safe one.
#
# usage: units.sh PKIGEN SERVICE TIMER
set -euo pipefail
if ! command -v systemd-analyze >/dev/null; then
  echo "skipped: no systemd-analyze here"
  exit 77
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# The program is not installed where the unit will find it: only its place is changed.
sed "s#^ExecStart=[^ ]*#ExecStart=$(realpath "$1")#" "$2" >"$work/pkigen-renew.service"
cp "$3" "$work/pkigen-renew.timer"
chmod 644 "$work"/*

export SYSTEMD_PAGER=cat SYSTEMD_LOG_LEVEL=warning
found=$(systemd-analyze verify --man=no "$work/pkigen-renew.timer" "$work/pkigen-renew.service" 2>&1)
# What other units of this machine have wrong is not ours.
if grep pkigen-renew <<<"$found"; then exit 1; fi

if systemd-analyze --help | grep -q -- --offline; then
  systemd-analyze security --offline=true --threshold=40 --no-pager "$work/pkigen-renew.service" | tail -n 1
fi
