#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Builds the peers, the programs that check pkigen, and prints the path of each.
#
# usage: tests/conformance/peers.sh [NAME…]     without a name: all of them
#
# kubeadm, kubectl, etcd, etcdctl, kube-apiserver, kube-controller-manager and kube-scheduler of the one release that
# go.mod pins, cfssl of the one that cfssl/go.mod pins, and verifier/, all written in Go. They go to
# ${XDG_CACHE_HOME:-~/.cache}/pkigen/peers/RELEASE, outside the checkout, and existing ones are not built again.
# PKIGEN_PEERS=DIR names a directory of existing programs: only those that DIR lacks are built, into the cache.
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

# What each program is: the directory of its module, its package, and what go build calls it.
describe() {
  case $1 in
    etcd) echo . go.etcd.io/etcd/server/v3 server ;;
    etcdctl) echo . go.etcd.io/etcd/etcdctl/v3 etcdctl ;;
    cfssl) echo cfssl github.com/cloudflare/cfssl/cmd/cfssl cfssl ;;
    verifier) echo verifier . verifier ;;
    kubeadm | kubectl | kube-apiserver | kube-controller-manager | kube-scheduler) echo . "k8s.io/kubernetes/cmd/$1" "$1" ;;
    *) say "peers: unknown program $1" && return 1 ;;
  esac
}

file_of() {
  case $1 in
    verifier) echo "verifier-$verifier" ;;
    *) echo "$1" ;;
  esac
}

# build DIRECTORY NAME…: one call for all of a module, so that one program is linked while others are compiled. Each is put
# in place atomically, also when two of these scripts run. The linker drops the debug information anyway.
build() {
  local directory=$1 start=$SECONDS folder name package output packages=()
  shift
  command -v go >/dev/null || { say "peers: no Go here to build $* with" && return 1; }
  mkdir -p "$cache"
  folder=$(mktemp -d "$cache/.made.XXXXXX")
  for name in "$@"; do
    read -r _ package _ < <(describe "$name")
    packages+=("$package")
  done
  if ! (cd "$directory" && CGO_ENABLED=0 nice go build -mod=readonly -trimpath -gcflags=all=-dwarf=false \
    -ldflags "-s -w $(stamps)" -o "$folder/" "${packages[@]}" >&2); then
    rm -rf "$folder"
    return 1
  fi
  for name in "$@"; do
    read -r _ _ output < <(describe "$name")
    chmod 0755 "$folder/$output"
    mv "$folder/$output" "$cache/$(file_of "$name")"
  done
  rmdir "$folder"
  say "peers: built $* in $((SECONDS - start)) s"
}

[ $# -gt 0 ] || set -- kubeadm kubectl verifier etcd etcdctl kube-apiserver kube-controller-manager kube-scheduler cfssl
declare -A missing
for name in "$@"; do
  description=$(describe "$name")
  path=${PKIGEN_PEERS:-/nonexistent}/$name
  if [ ! -x "$path" ]; then
    path=$cache/$(file_of "$name")
    [ -x "$path" ] || missing[${description%% *}]+="$name "
  fi
  echo "$name $path"
done
for directory in "${!missing[@]}"; do
  # shellcheck disable=SC2086 # names
  build "$directory" ${missing[$directory]}
done
