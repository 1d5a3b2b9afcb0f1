#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Builds the peers, the programs that check pkigen, and prints the path of each.
#
# usage: tests/conformance/peers.sh [NAME…]     without a name: all of them
#
# kubeadm, kubectl, etcd, etcdctl, kube-apiserver, kube-controller-manager and kube-scheduler of the one release that
# go.mod pins, and verifier/, written in Go. They go to ${XDG_CACHE_HOME:-~/.cache}/pkigen/peers/RELEASE, outside
# the checkout, and existing ones are not built again. cfssl is built on demand, from the release that cfssl/go.mod
# pins. PKIGEN_PEERS=DIR names a directory of existing programs: only those that DIR lacks are built, into the cache.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

release=$(sed -n 's/^[[:space:]]*k8s\.io\/kubernetes \(v[0-9.]*\).*/\1/p' go.mod)
cfssl=$(sed -n 's/.*github\.com\/cloudflare\/cfssl v\([0-9.]*\).*/\1/p' cfssl/go.mod)
verifier=$(cat verifier/go.mod verifier/go.sum verifier/*.go 2>/dev/null | sha256sum | cut -c1-12)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/pkigen/peers/$release

say() { printf '%s\n' "$*" >&2; }

# Stamped as the release build does it: kubeadm compares its own version with those it supports.
stamps() {
  local package minor=${release#v1.}
  for package in k8s.io/component-base/version k8s.io/client-go/pkg/version; do
    printf -- '-X %s.gitVersion=%s -X %s.gitMajor=1 -X %s.gitMinor=%s -X %s.gitTreeState=clean ' \
      "$package" "$release" "$package" "$package" "${minor%%.*}" "$package"
  done
  printf -- '-X github.com/cloudflare/cfssl/cli/version.version=%s ' "$cfssl"
}

# build NAME FILE PACKAGE [DIRECTORY]: the program is put in place atomically, also when two of these scripts run.
build() {
  local name=$1 file=$2 package=$3 directory=${4:-.} start=$SECONDS made
  if [ -x "${PKIGEN_PEERS:-/nonexistent}/$name" ]; then
    echo "$name $PKIGEN_PEERS/$name"
    return
  fi
  echo "$name $cache/$file"
  [ ! -x "$cache/$file" ] || return 0
  command -v go >/dev/null || { say "peers: no Go here to build $name with" && return 1; }
  mkdir -p "$cache"
  made=$(mktemp "$cache/.$file.XXXXXX")
  if ! (cd "$directory" && CGO_ENABLED=0 nice go build -mod=readonly -trimpath -ldflags "-s -w $(stamps)" -o "$made" \
    "$package" >&2); then
    rm -f "$made"
    return 1
  fi
  chmod 0755 "$made"
  mv "$made" "$cache/$file"
  say "peers: built $name of ${release} in $((SECONDS - start)) s"
}

peer() {
  case $1 in
    etcd) build etcd etcd go.etcd.io/etcd/server/v3 ;;
    etcdctl) build etcdctl etcdctl go.etcd.io/etcd/etcdctl/v3 ;;
    cfssl) build cfssl cfssl github.com/cloudflare/cfssl/cmd/cfssl cfssl ;;
    verifier) build verifier "verifier-$verifier" . verifier ;;
    kubeadm | kubectl | kube-apiserver | kube-controller-manager | kube-scheduler) build "$1" "$1" "k8s.io/kubernetes/cmd/$1" ;;
    *) say "peers: unknown program $1" && return 1 ;;
  esac
}

[ $# -gt 0 ] || set -- kubeadm kubectl verifier etcd etcdctl kube-apiserver kube-controller-manager kube-scheduler
for name in "$@"; do
  peer "$name"
done
