#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Links libpki in every way that people do, with every compiler and standard, and prints the table.
#
# usage: table.sh PREFIX WORK [quick]     PREFIX: an installed release; quick: the library is not compiled again by gcc
set -euo pipefail

prefix=$1
work=$2
quick=${3-}
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
mkdir -p "$work"

# rows: STEP ARGUMENT COMPILER STANDARD, with - for none. One row with clang and one with C++23 is enough where the
# compiler has no part in what is tested, and where the whole library is compiled.
rows() {
  local way compiler standard
  printf '%s\n' 'contents - g++ 20' 'examples static g++ 20' 'examples shared clang++ 23'
  for way in 'find_package default' 'find_package static' 'find_package shared' 'pkg-config static' 'pkg-config shared'; do
    for compiler in g++ clang++; do
      for standard in 20 23; do echo "$way $compiler $standard"; done
    done
  done
  for way in 'find_package alone' 'find_package plugin' 'find_package fully-static' 'pkg-config alone' \
    'pkg-config plugin' 'pkg-config fully-static' 'abi -'; do
    printf '%s\n' "$way g++ 20" "$way clang++ 23"
  done
  printf '%s\n' 'source fetchcontent clang++ 23'
  [ "$quick" ] || printf '%s\n' 'source subdirectory g++ 20'
}

row() { # STEP ARGUMENT COMPILER STANDARD
  local folder=$work/$3-$4 argument=() start=$SECONDS result=ok
  local log=$folder/$1-$2.txt
  mkdir -p "$folder"
  [ "$2" = - ] || argument=("$2")
  CXX=$3 CXX_STANDARD=$4 "$here/package.sh" "$prefix" "$folder" "$1" "${argument[@]}" >"$log" 2>&1 || result=FAILED
  printf '%-14s %-14s %-8s C++%-4s %-7s %3d s\n' "$1" "$2" "$3" "$4" "$result" $((SECONDS - start))
  [ "$result" = ok ] || sed 's/^/    /' "$log"
}

export -f row
export prefix work here
# shellcheck disable=SC2016 # expanded by the shell that xargs starts
rows | xargs -P "$(nproc)" -L 1 bash -c 'set -euo pipefail; row "$@"' row | tee "$work/table.txt"

passed=$(grep -c ' ok  ' "$work/table.txt" || true)
failed=$(grep -c ' FAILED ' "$work/table.txt" || true)
echo "consumption: $passed passed, $failed failed"
[ "$failed" = 0 ] && [ "$passed" = "$(rows | wc -l)" ]
