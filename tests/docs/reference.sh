#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Builds the reference of the public headers with Doxygen, which fails where a public name has no comment.
#   reference.sh SOURCE_DIR OUTPUT_DIR
# Exits with 77 (skipped) without doxygen.
set -euo pipefail

source=${1:?usage: reference.sh SOURCE_DIR OUTPUT_DIR} output=${2:?usage: reference.sh SOURCE_DIR OUTPUT_DIR}
command -v doxygen >/dev/null || { echo "skipped: no doxygen"; exit 77; }

# build INPUT OUTPUT: builds the reference of the headers in INPUT.
build() {
  mkdir -p "$2"
  (cd "$source" && printf '@INCLUDE = Doxyfile\nINPUT = %s\nOUTPUT_DIRECTORY = %s\n' "$1" "$2" | doxygen -)
}

build include/pki "$output"
for page in index.html namespacepki.html structpki_1_1ClusterConfig.html; do
  [ -s "$output/reference/$page" ] || { echo "FAILED: no page $page"; exit 1; }
done
grep -q 'plan_init' "$output/reference/namespacepki.html" || { echo "FAILED: functions are not in the reference"; exit 1; }

# The check itself must be able to fail.
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/in"
printf '/// Things.\nnamespace pki::inline PKI_ABI {\n/// One.\nstruct One { int undocumented{0}; };\nvoid f();\n}\n' >"$work/in/a.hpp"
if build "$work/in" "$work/out" 2>"$work/log"; then
  echo "FAILED: a member and a function without comments were accepted"
  exit 1
fi
for name in undocumented 'f()'; do
  grep -qF "$name" "$work/log" || { echo "FAILED: $name is not named"; cat "$work/log"; exit 1; }
done
echo "every public name has a comment"
