#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Everything that is about packages: every way to link an installed release, the oldest CMake, and the packages on a clean
# system of this release of Debian or Ubuntu. Takes ten minutes with a warm compiler cache.
#
# usage: tests/package/all.sh
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
# shellcheck source=tools/lib/packages.sh
. tools/lib/packages.sh

export CCACHE_BASEDIR=$PWD CCACHE_NOHASHDIR=1

need_build_tools
need_command clang++ clang
need_command lintian lintian
need_command mmdebstrap mmdebstrap
need_command unshare util-linux
install_missing

say "the release"
cmake --preset release -DCMAKE_CXX_COMPILER_LAUNCHER=ccache >/dev/null
cmake --build --preset release
cmake --install build/release --prefix build/ci/prefix >/dev/null

say "every way to link it"
tests/package/table.sh build/ci/prefix build/ci/consumption
tests/package/oldest-cmake.sh build/ci/prefix build/ci/oldest-cmake || [ $? = 77 ]

say "packages, on a clean system"
tools/package.sh
if [ "$(id -u)" = 0 ]; then
  # They are for the release of this machine.
  codename=$(sed -n "s/^VERSION_CODENAME=//p" /etc/os-release)
  tests/package/clean-root.sh "$codename" build/packages || [ $? = 77 ]
else
  echo "not installed: only root makes a clean system"
fi
