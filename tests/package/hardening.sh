#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Reads the installed program and library and fails where a protection is missing.
#
# usage: hardening.sh PREFIX
#
# The functions below are called by their name, through `check`:
# shellcheck disable=SC2317
set -euo pipefail

prefix=$1
failed=0

# check TEXT COMMAND…: the command succeeds.
check() {
  if "${@:2}" >/dev/null 2>&1; then
    printf '  ok      %s\n' "$1"
  else
    printf '  FAILED  %s\n' "$1"
    failed=1
  fi
}

has() { # FILE PATTERN: some line of readelf's full report matches
  readelf -W -l -d -n --dyn-syms "$1" | grep -E -- "$2"
}

lacks() {
  ! has "$@"
}

position_independent() {
  readelf -h "$1" | grep -E 'Type: +DYN'
}

# Debian's start-up objects carry no mark, so the whole file has none: look at the code instead.
branch_protected() {
  case $(uname -m) in
    x86_64) [ "$(objdump -d "$1" | grep -c 'endbr64')" -gt 100 ] ;;
    aarch64) objdump -d "$1" | grep -E '\b(bti|paciasp)\b' ;;
  esac
}

# Where the C++ library is linked in, its function has no name any more but still its message.
asserts() {
  has "$1" '__glibcxx_assert_fail' || grep -aq "Assertion '%s' failed" "$1"
}

loads() {
  python3 -c 'import ctypes, sys; ctypes.CDLL(sys.argv[1])' "$1"
}

library=$(find "$prefix" -name libpki.so -print -quit)
for file in "$prefix/bin/pkigen" "$library"; do
  echo "$file"
  check "position independent" position_independent "$file"
  check "relocations read-only" has "$file" 'GNU_RELRO'
  check "relocations bound at start" has "$file" 'BIND_NOW|FLAGS_1.*NOW'
  check "stack not executable" has "$file" 'GNU_STACK.* RW '
  check "no segment writable and executable" lacks "$file" 'LOAD.* RWE '
  check "stack protector" has "$file" '__stack_chk_fail'
  check "fortified C library calls" has "$file" '__\w+_chk@'
  check "standard library assertions" asserts "$file"
  check "branch protection" branch_protected "$file"
  check "no search path for libraries" lacks "$file" '\((RPATH|RUNPATH)\)'
done
check "library needs no fmt" lacks "$library" 'NEEDED.*fmt'
check "library can be loaded at run time" loads "$library"
exit $failed
