#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Builds the packages of Debian and Ubuntu into build/packages: pkigen, libpki0.1, libpki-dev and libpki-doc.
#
# usage: tools/package.sh
#
# They are for the release of the system that this runs on. Installs missing packages (root or sudo), builds the preset
# `package` in build/package, and ends with an error where lintian finds one. SOURCE_DATE_EPOCH sets the dates within.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=tools/lib/packages.sh
. tools/lib/packages.sh

if [ $# -gt 0 ]; then
  sed -n '3,/^set /{s/^# \{0,1\}//;/^set /d;p}' "$0"
  exit 2
fi

need_build_tools
need_command doxygen doxygen
need_command dpkg-shlibdeps dpkg-dev
need_command file file
need_command lintian lintian
install_missing

say "building"
launcher=$(command -v ccache || true)
cmake --preset package ${launcher:+-DCMAKE_CXX_COMPILER_LAUNCHER="$launcher"} >/dev/null
cmake --build --preset package

say "packing"
out=$PWD/build/packages
rm -rf "$out"
(umask 022 && cpack --config build/package/CPackConfig.cmake -B "$out") >build/package/cpack.log 2>&1 ||
  { cat build/package/cpack.log >&2; exit 1; }
rm -rf "$out/_CPack_Packages"
for package in "$out"/*.deb; do
  # shellcheck disable=SC2016 # words of dpkg
  dpkg-deb --show --showformat '${Package} ${Version} ${Architecture}: ${Depends}\n' "$package"
done

say "lintian"
lintian --fail-on error --show-overrides --tag-display-limit 0 "$out"/*.deb
