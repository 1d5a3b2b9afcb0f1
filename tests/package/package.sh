#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Uses the installed package as its users do: outside the source tree, against the files below PREFIX.
#
# usage: package.sh PREFIX WORK STEP [ARGUMENT]
#
#   contents                        the installed files, and the names that libpki.so exports
#   examples static | shared        builds, runs and checks every example
#   find_package default | static | shared | alone | plugin | fully-static
#   pkg-config static | shared | alone | plugin | fully-static
#   source subdirectory | fetchcontent
#   abi                             objects of another binary interface do not link
#
# `alone` hides the static library and what it is made with, `plugin` makes a module with the static library within it.
# Builds in WORK/STEP-ARGUMENT. CXX, CXXFLAGS and CXX_STANDARD (20 or 23) choose the compiler and its options; those of a
# library with sanitizers must name them.
set -euo pipefail

prefix=$(realpath "$1")
step=$3
argument=${4-}
source=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
here=$(realpath "$2")/$step${argument:+-$argument}
compiler=${CXX:-c++}
standard=${CXX_STANDARD:-20}
read -ra flags <<<"${CXXFLAGS:-}"

fail() {
  echo "FAILED: $*" >&2
  exit 1
}

# expect PATTERN FILE: some line of the file matches.
expect() {
  grep -Eq -- "$1" "$2" || { cat "$2" >&2; fail "no line like '$1'"; }
}

# run LOG COMMAND…: a command whose output is of interest only where it fails
run() {
  "${@:2}" >"$1" 2>&1 || { cat "$1" >&2; fail "${*:2}"; }
}

build() { # SOURCE DIR [cmake options…]
  run "$here/log" cmake -S "$1" -B "$2" -G Ninja -DCMAKE_PREFIX_PATH="$prefix" -DCMAKE_BUILD_TYPE=Debug \
    -DCMAKE_CXX_COMPILER="$compiler" -DCMAKE_CXX_FLAGS="${flags[*]}" -DCMAKE_CXX_STANDARD="$standard" \
    -DCMAKE_CXX_COMPILER_LAUNCHER="$(command -v ccache || true)" "${@:3}"
  run "$here/log" cmake --build "$2"
}

consumer() { # WAY COMPONENT KIND [cmake options…]
  build "$source/tests/package/consumer" "$here/build" -DWAY="$1" -DCOMPONENT="$2" -DKIND="$3" "${@:4}"
}

check_bootstrap_in_memory() { # PROGRAM
  "$1" >"$here/in-memory.txt"
  expect '^0600  /nowhere/kubernetes/pki/ca\.key$' "$here/in-memory.txt"
  expect '^0644  /nowhere/kubernetes/pki/etcd/server\.crt$' "$here/in-memory.txt"
  expect '^0600  /nowhere/kubernetes/admin\.conf$' "$here/in-memory.txt"
  expect '^apiserver: .*CN=kube-apiserver.* issued by .*CN=kubernetes-ca' "$here/in-memory.txt"
  if grep -q 'PRIVATE KEY' "$here/in-memory.txt"; then fail "a key was printed"; fi
  if [ -e /nowhere ]; then fail "something was written"; fi
}

check_bootstrap_to_disk() { # PROGRAM
  rm -rf "$here/cluster"
  "$1" "$here/cluster" >"$here/to-disk.txt"
  expect "^create .*/pki/ca\.crt$" "$here/to-disk.txt"
  openssl verify -x509_strict -purpose sslserver -CAfile "$here/cluster/pki/ca.crt" "$here/cluster/pki/apiserver.crt"
  "$1" "$here/cluster" >"$here/again.txt"
  expect '^nothing to do$' "$here/again.txt"
}

check_extra_user() { # PROGRAM
  (umask 077 && "$1" "$here/cluster" alice developers auditors >"$here/alice.conf")
  expect 'server: https://192\.168\.10\.11:6443' "$here/alice.conf"
  sed -n 's/.*client-certificate-data: *//p' "$here/alice.conf" | tr -d '"' | base64 -d >"$here/alice.crt"
  openssl x509 -in "$here/alice.crt" -noout -subject -nameopt RFC2253 >"$here/alice.txt"
  expect 'CN=alice' "$here/alice.txt"
  expect 'O=developers' "$here/alice.txt"
  expect 'O=auditors' "$here/alice.txt"
  openssl verify -x509_strict -purpose sslclient -CAfile "$here/cluster/pki/ca.crt" "$here/alice.crt"
  # No PKI there: a clear error, not a crash.
  if "$1" "$here/nowhere" alice >/dev/null 2>"$here/error.txt"; then fail "extra-user without a PKI succeeded"; fi
  expect '^error: ' "$here/error.txt"
}

# public_keys FILE…: the digests of the public keys that belong to the certificates and private keys in PEM files or
# kubeconfigs, one on a line
public_keys() {
  local file
  for file in "$@"; do
    case $file in
      *.crt) openssl x509 -in "$file" -noout -pubkey ;;
      *.key) openssl pkey -in "$file" -pubout ;;
      *.conf) sed -n 's/.*client-key-data: *//p' "$file" | base64 -d | openssl pkey -pubout ;;
    esac | openssl sha256 -r
  done | cut -d ' ' -f 1
}

check_join() { # PROGRAM
  local node=$here/node/etc/kubernetes cluster=$here/cluster/pki ca hash secrets
  rm -rf "$here/node"
  "$1" "$here/cluster" cp-2 192.168.10.12 "$here/node" >"$here/join.txt"
  # Whatever the names of the files are, no private key is that of a CA.
  find "$here/node" -type f -exec grep -l 'PRIVATE KEY\|client-key-data' {} + >"$here/secrets.txt"
  mapfile -t secrets <"$here/secrets.txt"
  public_keys "${secrets[@]}" >"$here/of-node.txt"
  public_keys "$cluster"/{ca,front-proxy-ca,etcd/ca}.key >"$here/of-cas.txt"
  [ "$(sort -u "$here/of-node.txt" | wc -l)" = 12 ] || fail "the node has not the keys of a control plane"
  if grep -Ff "$here/of-cas.txt" "$here/of-node.txt"; then fail "the node has the key of a CA"; fi
  public_keys "$cluster"/{ca,front-proxy-ca,etcd/ca}.crt | cmp - "$here/of-cas.txt"

  for ca in ca front-proxy-ca etcd/ca; do cmp "$cluster/$ca.crt" "$node/pki/$ca.crt"; done
  cmp "$cluster/sa.key" "$node/pki/sa.key"
  openssl verify -x509_strict -purpose sslserver -verify_ip 192.168.10.12 -CAfile "$cluster/ca.crt" "$node/pki/apiserver.crt"
  openssl verify -x509_strict -purpose sslclient -CAfile "$cluster/etcd/ca.crt" "$node/pki/etcd/peer.crt"
  openssl verify -x509_strict -purpose sslclient -CAfile "$cluster/front-proxy-ca.crt" "$node/pki/front-proxy-client.crt"
  sed -n 's/.*client-certificate-data: *//p' "$node/kubelet.conf" | base64 -d >"$here/kubelet.crt"
  openssl verify -x509_strict -purpose sslclient -CAfile "$cluster/ca.crt" "$here/kubelet.crt"
  openssl x509 -in "$here/kubelet.crt" -noout -subject -nameopt RFC2253 >"$here/kubelet.txt"
  expect 'CN=system:node:cp-2' "$here/kubelet.txt"
  expect '^certificatesDir: /etc/kubernetes/pki$' "$node/pkigen.yaml"
  hash=$(openssl x509 -in "$cluster/ca.crt" -noout -pubkey | openssl pkey -pubin -outform der | openssl sha256 -r)
  expect "^discovery hash: sha256:${hash%% *}\$" "$here/join.txt"
  if "$1" "$here/nowhere" cp-2 192.168.10.12 "$here/node" >/dev/null 2>"$here/error.txt"; then fail "join without a PKI succeeded"; fi
  expect '^error: ' "$here/error.txt"
}

check_external_ca() { # PROGRAM
  local host=$here/external cluster=$here/cluster/pki ca
  rm -rf "$host"
  "$1" "$here/cluster" "$host" cp-3 192.168.10.13 >"$here/external.txt"
  # Both sides see the same requests.
  [ "$(sed -n 's/.*\(sha256:[0-9a-f]*\)$/\1/p' "$here/external.txt" | sort | uniq -c | awk '{ print $1 }')" = 2 ] || fail "the digests differ"
  [ "$(grep -c '^import  .* until ' "$here/external.txt")" = 12 ] || fail "not every certificate was imported"
  for ca in ca front-proxy-ca etcd/ca; do [ ! -e "$host/pki/$ca.key" ] || fail "the host has the key of a CA"; done
  openssl verify -x509_strict -purpose sslserver -verify_ip 192.168.10.13 -CAfile "$cluster/ca.crt" "$host/pki/apiserver.crt"
  openssl verify -x509_strict -purpose sslclient -CAfile "$cluster/etcd/ca.crt" "$host/pki/etcd/peer.crt"
  "$1" "$here/cluster" "$host" cp-3 192.168.10.13 >"$here/again.txt"
  expect '^host: *0 requests' "$here/again.txt"
  if "$1" "$here/nowhere" "$host" cp-3 192.168.10.13 >/dev/null 2>"$here/error.txt"; then fail "external-ca without CAs succeeded"; fi
  expect '^error: ' "$here/error.txt"
}

check_in_a_store() { # PROGRAM
  mkdir -p "$here/empty"
  # The system refuses every write to a file: what the program prints goes through a pipe.
  (cd "$here/empty" && export HOME="$PWD" TMPDIR="$PWD" && ulimit -f 0 && "$1") | cat >"$here/store.txt"
  [ -z "$(ls -A "$here/empty")" ] || fail "the store left files"
  if [ -e /nowhere ]; then fail "something was written"; fi
  [ "$(grep -c '^renewed .* until .*, with a new key$' "$here/store.txt")" = 12 ] || fail "not every certificate is renewed"
  expect '^the PKI is valid$' "$here/store.txt"
  # The two certificates are valid when the store was renewed.
  awk -v stem="$here/store-" '/BEGIN/ { n++ } n { print >stem n ".pem" }' "$here/store.txt"
  openssl verify -x509_strict -purpose sslserver -attime $(($(date +%s) + 360 * 86400)) -CAfile "$here/store-1.pem" "$here/store-2.pem"
  "$1" --reuse-keys >"$here/reused.txt"
  [ "$(grep -c '^renewed .*, with its old key$' "$here/reused.txt")" = 12 ] || fail "not every key is used again"
}

check_examples() { # KIND
  local shared=OFF
  [ "$1" != shared ] || shared=ON
  local directory example
  for directory in "$source"/examples/*/; do
    example=$(basename "$directory")
    declare -F "check_${example//-/_}" >/dev/null || fail "the example $example has no check here"
    build "$directory" "$here/$example" -DBUILD_SHARED_LIBS=$shared
  done
  # The first one makes the PKI that the others read.
  check_bootstrap_to_disk "$here/bootstrap-to-disk/bootstrap-to-disk"
  for directory in "$source"/examples/*/; do
    example=$(basename "$directory")
    "check_${example//-/_}" "$here/$example/$example"
    check_linked "$1" "$here/$example/$example"
  done
}

needs() { # PROGRAM: the libraries that it asks the loader for
  readelf -d "$1" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p'
}

# check_linked KIND PROGRAM: the program has libpki within it, or asks for libpki.so and for no library within that
check_linked() {
  needs "$2" >"$here/needs.txt"
  if [ "$1" = static ]; then
    if grep libpki "$here/needs.txt"; then fail "$2 is not linked to the static library"; fi
  else
    expect '^libpki\.so\.[0-9]+\.[0-9]+$' "$here/needs.txt"
    if grep yaml "$here/needs.txt"; then fail "a program that links libpki.so must not need libyaml"; fi
  fi
}

libdir() {
  dirname "$(find "$prefix"/lib* -maxdepth 2 -name 'libpki.so' -o -maxdepth 2 -name libpki.a | head -n 1)"
}

# exported LIBRARY: the names that programs can link to, one on a line, without their symbol versions
exported() {
  nm -DC --defined-only "$1" | sed -nE 's/^[0-9a-f]+ [A-Z] //p' | sed -E 's/@@?[A-Za-z0-9_.]+$//'
}

check_exports() {
  exported "$(libdir)/libpki.so" >"$here/symbols.txt"
  # The symbol version itself is listed as PKI_0.1.
  if grep -vE '^(PKI_[0-9.]+$|pki::v[0-9]+_[0-9]+[a-z_]*::|(typeinfo|typeinfo name|vtable) for pki::v[0-9a-z_]+::Error$)' \
    "$here/symbols.txt"; then
    fail "libpki.so exports a foreign name"
  fi
  # The last word before the parameters, without template arguments and ABI tags: pki::v0_1::Lock::layout() -> layout
  sed -nE 's/^pki::v[0-9a-z_]+::([A-Za-z0-9_:~]+).*/\1/p' "$here/symbols.txt" | sed 's/.*:://; s/^~//' |
    sort -u >"$here/names.txt"
  expect '^plan_init$' "$here/names.txt"
  while read -r name; do
    grep -rqw -- "$name" "$prefix/include/pki" || fail "libpki.so exports $name, which no public header declares"
  done <"$here/names.txt"
  if grep -nE '^[[a-z].*\(' "$prefix"/include/pki/*.hpp | grep -vE ':[0-9]+:(inline|constexpr|using|namespace|template|struct|class) '; then
    fail "a public function is declared without PKI_EXPORT"
  fi
}

# compile PACKAGE OUTPUT SOURCE [options…]: compiles and links with the flags of pkg-config
compile() {
  local options
  read -ra options <<<"$(PKG_CONFIG_PATH=$(libdir)/pkgconfig pkg-config --cflags --libs ${static_libs:+--static} "$1")"
  # Older compilers know C++23 by the name of its draft alone.
  "$compiler" "-std=c++${standard/23/2b}" "${flags[@]}" "${@:4}" "$3" -o "$2" "${options[@]}"
}

# A plugin shows its own names, and nothing of the static library within it. What the compiler makes of the templates of
# the standard library belongs to the plugin, though it may return a type of ours: mangled names tell them apart.
check_plugin() { # PLUGIN
  nm -D --defined-only "$1" | sed -nE 's/^[0-9a-f]+ [A-Z] //p' >"$here/plugin.txt"
  expect '^main$' "$here/plugin.txt"
  if grep -E '^_Z(Z|GV|GR|T[ISTV])*N[KVRO]*3pki' "$here/plugin.txt" | c++filt; then
    fail "a plugin exports names of the static library"
  fi
}

check_fully_static() { # PROGRAM
  [ -z "$(needs "$1")" ] || fail "$1 needs shared libraries"
  check_bootstrap_in_memory "$1"
}

# Makes a prefix that has only the shared library, as where a distribution has no package of the other, and hides every
# other pkg-config file.
hide_static() {
  cp -r "$prefix" "$here/prefix"
  prefix=$here/prefix
  find "$prefix" \( -name libpki.a -o -name 'pki-static*' \) -delete
  export PKG_CONFIG_LIBDIR=/nowhere
}

step_find_package() {
  case $argument in
    plugin | fully-static) consumer find_package static "$argument" ;;
    alone)
      hide_static
      consumer find_package "" program -DCMAKE_DISABLE_FIND_PACKAGE_OpenSSL=ON
      if cmake -S "$source/tests/package/consumer" -B "$here/refused" -G Ninja -DCMAKE_PREFIX_PATH="$prefix" \
        -DCMAKE_CXX_COMPILER="$compiler" -DWAY=find_package -DCOMPONENT=static >"$here/refused.txt" 2>&1; then
        fail "the component static is found where it is not installed"
      fi
      expect 'static' "$here/refused.txt"
      ;;
    default) consumer find_package "" program ;;
    *) consumer find_package "$argument" program ;;
  esac
  case $argument in
    plugin) check_plugin "$here/build/libconsumer.so" ;;
    fully-static) check_fully_static "$here/build/consumer" ;;
    default | static) check_linked static "$here/build/consumer" && check_bootstrap_in_memory "$here/build/consumer" ;;
    *) check_linked shared "$here/build/consumer" && check_bootstrap_in_memory "$here/build/consumer" ;;
  esac
}

step_pkg_config() {
  local main=$source/examples/bootstrap-in-memory/main.cpp
  case $argument in
    static)
      compile pki-static "$here/program" "$main"
      check_linked static "$here/program"
      check_bootstrap_in_memory "$here/program"
      ;;
    shared | alone)
      [ "$argument" = shared ] || hide_static
      compile pki "$here/program" "$main"
      check_linked shared "$here/program"
      LD_LIBRARY_PATH=$(libdir) check_bootstrap_in_memory "$here/program"
      ;;
    plugin)
      compile pki-static "$here/plugin.so" "$main" -shared -fPIC
      check_plugin "$here/plugin.so"
      ;;
    fully-static)
      static_libs=yes compile pki-static "$here/program" "$main" -static
      check_fully_static "$here/program"
      ;;
    *) fail "unknown argument $argument" ;;
  esac
}

# Objects whose std::vector or std::string differ from the library's must fail to link, with a name that says why.
check_mismatch() { # PACKAGE DEFINITION NAME
  if compile "$1" "$here/wrong" "$here/small.cpp" "-D$2" 2>"$here/wrong.txt"; then fail "$2 links with $1"; fi
  expect "undefined reference to .pki::v[0-9_]*_$3::" "$here/wrong.txt"
}

step_abi() {
  printf '%s\n' '#include <pki/pki.hpp>' '#include <cstdio>' \
    'static_assert(PKI_VERSION == PKI_VERSION_MAJOR * 10000 + PKI_VERSION_MINOR * 100 + PKI_VERSION_PATCH);' \
    'int small() { return pki::default_catalog().rows().empty() ? 1 : std::puts(PKI_VERSION_TEXT) < 0; }' \
    'int main() { return pki::version() == PKI_VERSION_TEXT ? small() : 1; }' >"$here/small.cpp"
  local package
  for package in pki pki-static; do
    compile $package "$here/small-$package" "$here/small.cpp"
    LD_LIBRARY_PATH=$(libdir) "$here/small-$package" >"$here/version.txt"
    "$prefix/bin/pkigen" --version | grep -qwF -- "$(cat "$here/version.txt")" || fail "PKI_VERSION_TEXT is not the version"
    check_mismatch $package _GLIBCXX_DEBUG debug
    check_mismatch $package _GLIBCXX_USE_CXX11_ABI=0 oldstring
  done
  expect 'PKI_[0-9]+\.[0-9]+' <(readelf --wide --dyn-syms "$here/small-pki")
}

step_contents() {
  "$prefix/bin/pkigen" --version
  # What a user of the headers has to install is the standard library alone.
  if grep -rnE '#include *[<"]((openssl|fmt|spdlog|nlohmann|CLI)/|yaml\.h)' "$prefix/include/pki"; then
    fail "a public header includes a foreign library"
  fi
  diff -r "$source/doc/schema" "$prefix/share/doc/pkigen/schema" || fail "the schemas are not those of the source"
  local functions=site-functions
  [ "$prefix" != /usr ] || functions=vendor-completions
  [ -s "$prefix/share/zsh/$functions/_pkigen" ] || fail "zsh does not find the completion"
  # What a program can link to is what the public headers declare, alone.
  if [ -e "$(libdir)/libpki.so" ]; then check_exports; fi
}

rm -rf "$here"
mkdir -p "$here"
case $step in
  contents) step_contents ;;
  examples) check_examples "$argument" ;;
  find_package) step_find_package ;;
  pkg-config) step_pkg_config ;;
  source)
    # With the system's fmt library and no debug information files compile in half the time.
    consumer "$argument" "" program -DPKI_FMT=fmt::fmt -DCMAKE_BUILD_TYPE=None
    check_bootstrap_in_memory "$here/build/consumer"
    ;;
  abi) step_abi ;;
  *) fail "unknown step $step" ;;
esac
echo "$step${argument:+ $argument}: ok"
