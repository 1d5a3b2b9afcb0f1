#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The oldest CMake that CMakeLists.txt names reads the presets, configures the project, and finds and links an installed release.
#
# usage: oldest-cmake.sh PREFIX WORK    PREFIX: an installed release
#
# That CMake comes from PyPI and is kept in ~/.cache/pkigen; without pip, exit status 77.
set -euo pipefail

prefix=$(realpath "$1")
mkdir -p "$2"
work=$(realpath "$2")
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
version=$(sed -n 's/^cmake_minimum_required(VERSION \([0-9.]*\))$/\1/p' CMakeLists.txt)
folder=${XDG_CACHE_HOME:-$HOME/.cache}/pkigen/cmake-$version
cmake=$folder/cmake/data/bin/cmake

if [ ! -x "$cmake" ]; then
  if ! python3 -m pip --version >/dev/null 2>&1; then
    echo "skipped: no pip here, which fetches CMake $version"
    exit 77
  fi
  python3 -m pip install -q --no-deps --root-user-action ignore --target "$folder" "cmake==$version.*"
fi
"$cmake" --version | head -n 1

run() { # COMMAND…: its output is of interest only where it fails
  "$@" >"$work/log" 2>&1 || { cat "$work/log" >&2; echo "FAILED: $*" >&2; exit 1; }
}

rm -rf "${work:?}/dev" "$work/release" "$work/consumer"
for preset in dev release; do
  run "$cmake" --preset $preset -B "$work/$preset"
done
run "$cmake" -S tests/package/consumer -B "$work/consumer" -G Ninja -DWAY=find_package -DKIND=program \
  -DCMAKE_PREFIX_PATH="$prefix"
run "$cmake" --build "$work/consumer"
"$work/consumer/consumer" | grep -q 'ca\.key' || { echo "FAILED: the program prints no files" >&2; exit 1; }
echo "oldest CMake: ok"
