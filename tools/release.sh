#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Makes a release of the commit that is checked out: a tarball of the source, the packages and their checksums.
#
# usage: tools/release.sh [--source-only] DIR
#
# DIR is made and must not exist. The version is that of include/pki/abi.hpp; CHANGELOG.md must have a section for it with
# entries, and the tree must be clean. The tarball has the date of the commit, so that it can be made again byte for
# byte. The packages are those of tools/package.sh; --source-only makes none. Nothing is tagged and nothing uploaded: the
# last lines say how.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

fail() {
  echo "release: $*" >&2
  exit 1
}

usage() {
  sed -n '3,/^set /{s/^# \{0,1\}//;/^set /d;p}' "$0"
  exit 2
}

packages=yes
[ "${1-}" != --source-only ] || { packages=no && shift; }
if [ $# -ne 1 ] || [[ $1 == -* ]]; then usage; fi
case $1 in
  /*) out=$1 ;;
  *) out=$OLDPWD/$1 ;;
esac
[ ! -e "$out" ] || fail "$out exists"

part() { # NAME: a part of the version
  sed -n "s/^#define PKI_VERSION_$1 \([0-9]\{1,\}\)$/\1/p" include/pki/abi.hpp
}
version=$(part MAJOR).$(part MINOR).$(part PATCH)
[[ $version =~ ^[0-9]+\.[0-9]+\.[0-9]+$ ]] || fail "include/pki/abi.hpp: expected three parts of the version, found $version"

changes=$(git status --porcelain --untracked-files=normal)
[ -z "$changes" ] || fail "the tree is not clean:"$'\n'"$changes"
! git rev-parse -q --verify "refs/tags/v$version" >/dev/null || fail "the tag v$version exists: raise the version in include/pki/abi.hpp"

# section: the entries of the version, without its heading
section() {
  awk -v heading="## [$version] - " '/^## /{ inside = index($0, heading) == 1; next } inside' CHANGELOG.md
}
grep -Eq "^## \[${version//./\\.}\] - [0-9]{4}-[0-9]{2}-[0-9]{2}$" CHANGELOG.md ||
  fail "CHANGELOG.md: expected a heading '## [$version] - YYYY-MM-DD'"
section | grep -q '^- ' || fail "CHANGELOG.md: the section of $version has no entries"

name=pkigen-$version
SOURCE_DATE_EPOCH=$(git log -1 --format=%ct)
export SOURCE_DATE_EPOCH

work=$(mktemp -d "$(dirname "$out")/.release.XXXXXX") || fail "cannot write in $(dirname "$out")"
trap 'rm -rf "$work"' EXIT
chmod 0755 "$work"
# The files of the archive have the date of the commit; gzip -n leaves out its own.
git -c tar.umask=0022 archive --format=tar --prefix="$name/" HEAD | gzip -9n >"$work/$name.tar.gz"
section | sed -e '/./,$!d' >"$work/$name.changes.md"
if [ $packages = yes ]; then
  [ -x tools/package.sh ] || fail "no tools/package.sh: --source-only makes a release without packages"
  rm -rf build/packages
  tools/package.sh
  cp build/packages/*.deb "$work/" || fail "tools/package.sh made no package in build/packages"
fi
(cd "$work" && sha256sum -- * >SHA256SUMS)
mv "$work" "$out"
trap - EXIT

echo "release $version in $out:"
(cd "$out" && ls -l)
echo "next: git tag -a v$version -m 'pkigen $version' $(git rev-parse --short HEAD) && git push origin v$version"
