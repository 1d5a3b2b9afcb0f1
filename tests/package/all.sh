#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Builds the release and installs it below build/ci/prefix, and checks all that is about packages: every way to link it, the
# oldest CMake, and the packages on a clean system of this release of Debian or Ubuntu.
#
# usage: tests/package/all.sh [quick]     quick: as .ci/run does it, see table.sh
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
tests/package/table.sh build/ci/prefix build/ci/consumption "$@"
tests/package/oldest-cmake.sh build/ci/prefix build/ci/oldest-cmake || [ $? = 77 ]

say "packages, on a clean system"
tools/package.sh
# They are for the release of this machine.
codename=$(sed -n "s/^VERSION_CODENAME=//p" /etc/os-release)
tests/package/clean-root.sh "$codename" build/packages || [ $? = 77 ]
