#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Static analysis of the library and the program with clang-tidy, by the rules of .clang-tidy.
#
# usage: tools/tidy.sh [FILE…]     without files: all of them, about ten minutes on two cores
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=tools/lib/packages.sh
. tools/lib/packages.sh

need_build_tools
need_test_tools
need_command clang-tidy clang-tidy
install_missing

cmake --preset dev >/dev/null
if [ $# -gt 0 ]; then
  printf '%s\0' "$@"
else
  git ls-files -z 'libpki/*.cpp' 'tools/*.cpp'
fi | xargs -0 -n 1 -P "$(nproc)" clang-tidy --quiet -p build/dev
