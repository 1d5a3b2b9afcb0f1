#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Compiles each public header alone, with the standard library and the public headers only.
#   headers.sh COMPILER INCLUDE_DIR
# Where a header demands C++20 by #error, C++17 must be refused with that message and nothing else.
set -euo pipefail

export compiler=${1:?usage: headers.sh COMPILER INCLUDE_DIR} include=${2:?usage: headers.sh COMPILER INCLUDE_DIR}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# compile HEADER STANDARD DIR: the header is included twice, which its guard must allow.
compile() {
  printf '#include <%s>\n' "$1" "$1" |
    "$compiler" -x c++ -std="$2" -Wall -Wextra -Wpedantic -Werror -I "$3" -fsyntax-only -
}
export -f compile

cd "$include"
headers=(pki/*.hpp)
printf '%s\n' "${headers[@]}" | xargs -P "$(nproc)" -I{} bash -c "compile {} c++20 ." || { echo "FAILED"; exit 1; }

# The check itself must be able to fail: this header needs <string>.
mkdir "$work/pki"
printf '#pragma once\nstd::string name();\n' >"$work/pki/wrong.hpp"
if compile pki/wrong.hpp c++20 "$work" 2>/dev/null; then
  echo "a header that does not compile alone was accepted"
  exit 1
fi

if grep -lq '^ *# *error' "${headers[@]}"; then
  for header in "${headers[@]}"; do
    # The first error of every header, so that no other message hides the reason.
    said=$(compile "$header" c++17 . 2>&1) && said="error: C++17 compiles it"
    if ! grep -m 1 'error:' <<<"$said" | grep -q 'C++20'; then
      echo "C++17 is not refused with its reason first: $header"
      exit 1
    fi
  done
else
  echo "not checked: no header refuses C++17 by #error"
fi
echo "${#headers[@]} headers compile alone"
