#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Installs the packages on a clean system, uses them as their users do, and purges them. clean-root-inside.sh has the checks.
#
# usage: clean-root.sh RELEASE [PACKAGES]    RELEASE: bookworm, trixie, noble, …; as root
#
# The packages are those of the directory PACKAGES. Where it has none they are built from the source, within the root, and put
# there; without PACKAGES they are built and not kept. Everything that is installed comes from the archive that the apt of
# this machine uses, or whose lines for sources.list are in PKIGEN_APT_LINES. The root is made once and kept in
# ~/.cache/pkigen/roots, with all that the checks install; they have no network. Exit status 77: no root of that release can
# be made here.
set -euo pipefail

release=$1
packages=${2:+$(realpath -m "$2")}
source=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/pkigen/roots

# A host has systemd, and most have these two; the others are for the programs that are compiled with libpki.
contents=(systemd man-db bash-completion g++ cmake ninja-build pkg-config make libssl-dev libyaml-dev openssl)
# What tools/package.sh needs besides.
build_tools=(ccache doxygen dpkg-dev libcli11-dev libfmt-dev libspdlog-dev lintian nlohmann-json3-dev libboost-dev)

# apt_lines: the lines of sources.list for the release, with the addresses of this machine's apt
apt_lines() {
  if [ -n "${PKIGEN_APT_LINES-}" ]; then
    printf '%s\n' "$PKIGEN_APT_LINES"
    return
  fi
  local address label
  # shellcheck disable=SC2016 # words of apt
  apt-get indextargets --format '$(REPO_URI) $(LABEL)' 'Created-By: Packages' | sort -u | while read -r address label; do
    case $label-$release in
      Debian-bookworm | Debian-trixie) echo "deb $address $release main" ;;
      Debian-Security-bookworm | Debian-Security-trixie) echo "deb $address $release-security main" ;;
      Ubuntu-jammy | Ubuntu-noble) echo "deb $address $release main universe" ;;
    esac
  done | sort -u
}

# make_root TARBALL LINES: everything of the list is downloaded into the root, and only what is essential is installed.
make_root() {
  local words
  mapfile -t words <<<"$2"
  mkdir -p "$cache"
  # shellcheck disable=SC2016 # the path of the root is an argument of the hook
  mmdebstrap --quiet --format=tar --variant=minbase --dpkgopt=force-unsafe-io --skip=cleanup/apt \
    --customize-hook='chroot "$1" apt-get -q -y install --no-install-recommends --download-only '"${contents[*]}" \
    "$release" "$1.new" "${words[@]}"
  rm -f "$cache/$release-$purpose"-*.tar
  mv "$1.new" "$1"
}

[ "$(id -u)" = 0 ] || { echo "skipped: only root makes a clean system"; exit 77; }
unshare --mount --net --pid --fork true 2>/dev/null || { echo "skipped: this machine makes no namespaces"; exit 77; }
purpose=use
if ! compgen -G "${packages:-/nowhere}/*.deb" >/dev/null; then
  purpose=build
  contents+=("${build_tools[@]}")
fi
lines=$(apt_lines)
if [ -z "$lines" ]; then
  # apt knows the origin of an archive from its index.
  apt-get update -q >/dev/null
  lines=$(apt_lines)
fi
if [ -z "$lines" ]; then
  echo "skipped: the apt of this machine has no archive with $release, and PKIGEN_APT_LINES is not set"
  exit 77
fi
key=$(printf '%s\n' "$lines" "${contents[@]}" | sha256sum | cut -c1-12)
tarball=$cache/$release-$purpose-$key.tar
[ -e "$tarball" ] || make_root "$tarball" "$lines"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
root=$work/root
mkdir "$root"
tar -xf "$tarball" -C "$root" --numeric-owner
mkdir -p "$root/source" "$root/packages"
git -C "$source" ls-files -z --cached --others --exclude-standard | (cd "$source" && tar -c --null -T -) | tar -x -C "$root/source"
mkdir -p "${packages:=$root/packages}"
# A build that was interrupted continues with the compiler cache of this machine.
ccache=${CCACHE_DIR:-$HOME/.cache/ccache}
mkdir -p "$ccache" "$root/root/.cache/ccache"

# In namespaces of its own: no network, and nothing that is started or mounted outlives the script.
# shellcheck disable=SC2016 # expanded by the shell within
unshare --mount --net --pid --fork --kill-child bash -c '
  mount -t proc proc "$1/proc"
  mount -t devpts devpts "$1/dev/pts"
  mount --bind "$2" "$1/root/.cache/ccache"
  mount --bind "$3" "$1/packages"
  exec env -i HOME=/root PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive \
    CCACHE_BASEDIR=/source CCACHE_NOHASHDIR=1 chroot "$1" /source/tests/package/clean-root-inside.sh' bash "$root" "$ccache" "$packages"
