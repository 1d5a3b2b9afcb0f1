#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# SH-06 at the border to the kernel: getrandom(2) that is missing, not ready, interrupted or slow. What it is inside the
# program is shown draw by draw in tests/unit/rng_failure.
#
# usage: randomness.sh PKIGEN
set -euo pipefail

pkigen=$1
command -v strace >/dev/null || { echo "skipped: no strace"; exit 77; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

fail() {
  echo "FAILED: $*" >&2
  exit 1
}

# init_with INJECTION…: a fresh PKI with every getrandom disturbed so; exit status in $status, stderr in $work/err.
init_with() {
  rm -rf "$work/pki" "$work/conf"
  status=0
  strace -f -qq -e signal=none -o "$work/trace" -e trace=getrandom,openat "${@/#/--inject=getrandom:}" \
    "$pkigen" init --cert-dir "$work/pki" --kubeconfig-dir "$work/conf" --node-name n \
    --apiserver-advertise-address 10.0.0.1 --encryption-algorithm ECDSA-P256 >"$work/out" 2>"$work/err" || status=$?
  grep -q getrandom "$work/trace" || fail "getrandom was never called"
}

is_made() {
  [ "$status" -eq 0 ] || { cat "$work/err" >&2; fail "$1: exit $status"; }
  "$pkigen" check-expiration --cert-dir "$work/pki" --kubeconfig-dir "$work/conf" >/dev/null || fail "$1: not valid"
}

# Only the kernel's own device, which is as good, may be opened for random numbers.
uses_no_other_source() {
  if grep -oE '"/dev/[^"]*"' "$work/trace" | grep -vE '"/dev/(u?random|null|tty)"'; then fail "$1: another source"; fi
}

strace -qq -o /dev/null true 2>/dev/null || { echo "skipped: strace may not trace here"; exit 77; }

# Whether OpenSSL then takes the kernel's device is its choice; if not, it is an error, and nothing is there.
init_with error=ENOSYS
if [ "$status" -eq 0 ]; then
  is_made "no getrandom"
else
  grep -q '^error: ' "$work/err" || fail "no getrandom: no error"
  if [ -n "$(find "$work/pki" "$work/conf" -type f 2>/dev/null)" ]; then fail "no getrandom: something was written"; fi
fi
uses_no_other_source "no getrandom"

# The first call is the C library's; the second one asks whether the kernel is ready.
init_with error=EAGAIN:when=2
is_made "not ready"
grep -q 'waiting until the kernel has gathered enough randomness' "$work/err" || fail "not ready, and nothing was said"
uses_no_other_source "not ready"

init_with error=EINTR:when=1+2
is_made "interrupted"

start=$SECONDS
init_with delay_enter=700000
is_made "slow"
[ $((SECONDS - start)) -ge 2 ] || fail "slow: it did not wait"
if grep -qE '"/dev/u?random"' "$work/trace"; then fail "slow: it looked for another source"; fi

echo "getrandom missing, not ready, interrupted, slow: ok"
