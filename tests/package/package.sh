#!/usr/bin/env bash
# Builds and runs the examples as a user of the package would: outside the source tree, against the installed files.
#
# usage: package.sh BUILD_DIR install | static | shared | pkg-config | abi | subdirectory
#
# `install` comes first: the others find the package in BUILD_DIR/tests/package/prefix. CXX and CXXFLAGS are those
# of the build, so that a library with sanitizers meets programs with sanitizers.
set -euo pipefail

build=$1
step=$2
source=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
work=$build/tests/package
prefix=$work/prefix
here=$work/$step

fail() {
  echo "FAILED: $*" >&2
  exit 1
}

# expect PATTERN FILE: some line of the file matches.
expect() {
  grep -Eq -- "$1" "$2" || { cat "$2" >&2; fail "no line like '$1'"; }
}

build_example() { # NAME [cmake options…]
  cmake -S "$source/examples/$1" -B "$here/$1" -G Ninja -DCMAKE_PREFIX_PATH="$prefix" -DCMAKE_BUILD_TYPE=Debug \
    "${@:2}" >"$here/$1.log" 2>&1 || { cat "$here/$1.log" >&2; fail "configure $1"; }
  cmake --build "$here/$1" >"$here/$1.log" 2>&1 || { cat "$here/$1.log" >&2; fail "build $1"; }
}

check_in_memory() { # PROGRAM
  "$1" >"$here/in-memory.txt"
  expect '^0600  /nowhere/kubernetes/pki/ca\.key$' "$here/in-memory.txt"
  expect '^0644  /nowhere/kubernetes/pki/etcd/server\.crt$' "$here/in-memory.txt"
  expect '^0600  /nowhere/kubernetes/admin\.conf$' "$here/in-memory.txt"
  expect '^apiserver: .*CN=kube-apiserver.* issued by .*CN=kubernetes-ca' "$here/in-memory.txt"
  if grep -q 'PRIVATE KEY' "$here/in-memory.txt"; then fail "a key was printed"; fi
  if [ -e /nowhere ]; then fail "something was written"; fi
}

check_to_disk() { # PROGRAM
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

check_examples() { # [cmake options…]
  local example
  for example in bootstrap-in-memory bootstrap-to-disk extra-user; do
    build_example "$example" "$@"
  done
  check_in_memory "$here/bootstrap-in-memory/bootstrap-in-memory"
  check_to_disk "$here/bootstrap-to-disk/bootstrap-to-disk"
  check_extra_user "$here/extra-user/extra-user"
}

needs() { # PROGRAM: the libraries that it asks the loader for
  readelf -d "$1" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p'
}

libdir() {
  dirname "$(find "$prefix" -name libpki.a -print -quit)"
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

# link KIND OUTPUT [compiler options…]: links small.cpp with the static or the shared library
link() {
  local kind=$1 output=$2 options
  PKG_CONFIG_PATH=$(libdir)/pkgconfig
  export PKG_CONFIG_PATH
  if [ "$kind" = static ]; then
    read -ra options <<<"$(pkg-config --static --cflags --libs pki)"
    # With -lpki the linker would take libpki.so, which is in the same directory.
    options=("${options[@]/#-lpki/-l:libpki.a}")
  else
    read -ra options <<<"$(pkg-config --cflags --libs pki)"
  fi
  "${CXX:-c++}" -std=c++20 "${@:3}" "$here/small.cpp" -o "$output" "${options[@]}" ${CXXFLAGS:+$CXXFLAGS}
}

# Objects whose std::vector or std::string differ from the library's must fail to link, with a name that says why.
check_mismatch() { # KIND DEFINITION NAME
  if link "$1" "$here/wrong" "-D$2" 2>"$here/wrong.txt"; then fail "$2 links with the $1 library"; fi
  expect "undefined reference to .pki::v[0-9_]*_$3::" "$here/wrong.txt"
}

check_abi() {
  printf '%s\n' '#include <pki/pki.hpp>' '#include <cstdio>' \
    'static_assert(PKI_VERSION == PKI_VERSION_MAJOR * 10000 + PKI_VERSION_MINOR * 100 + PKI_VERSION_PATCH);' \
    'int small() { return pki::default_catalog().rows().empty() ? 1 : std::puts(PKI_VERSION_TEXT) < 0; }' \
    'int main() { return pki::version() == PKI_VERSION_TEXT ? small() : 1; }' >"$here/small.cpp"
  for kind in static shared; do
    link $kind "$here/small-$kind"
    LD_LIBRARY_PATH=$(libdir) "$here/small-$kind" >"$here/version.txt"
    "$prefix/bin/pkigen" --version | grep -qwF -- "$(cat "$here/version.txt")" || fail "PKI_VERSION_TEXT is not the version"
    check_mismatch $kind _GLIBCXX_DEBUG debug
    check_mismatch $kind _GLIBCXX_USE_CXX11_ABI=0 oldstring
  done
  expect 'PKI_[0-9]+\.[0-9]+' <(readelf --wide --dyn-syms "$here/small-shared")
  # A plugin shows its own names and nothing of the static library within it.
  link static "$here/plugin.so" -shared -fPIC
  exported "$here/plugin.so" >"$here/plugin.txt"
  expect '^small\(\)$' "$here/plugin.txt"
  if grep -E '^(pki::|.* for pki::)' "$here/plugin.txt"; then fail "a plugin exports names of the static library"; fi
}

rm -rf "$here"
mkdir -p "$here"
case $step in
  install)
    rm -rf "$prefix"
    cmake --install "$build" --prefix "$prefix" >"$here/install.log"
    "$prefix/bin/pkigen" --version
    # What a user of the headers has to install is the standard library alone.
    if grep -rnE '#include *[<"]((openssl|fmt|spdlog|nlohmann|CLI)/|yaml\.h)' "$prefix/include"; then
      fail "a public header includes a foreign library"
    fi
    diff -r "$source/doc/schema" "$prefix/share/doc/pkigen/schema" || fail "the schemas are not those of the source"
    # What a program can link to is what the public headers declare, alone.
    if [ -e "$(libdir)/libpki.so" ]; then check_exports; fi
    ;;
  static)
    check_examples
    if needs "$here/extra-user/extra-user" | grep libpki; then fail "not linked to the static library"; fi
    ;;
  shared)
    check_examples -DBUILD_SHARED_LIBS=ON
    needs "$here/extra-user/extra-user" >"$here/needs.txt"
    expect '^libpki\.so\.[0-9]+\.[0-9]+$' "$here/needs.txt"
    if grep yaml "$here/needs.txt"; then fail "a program that links libpki.so must not need libyaml"; fi
    ;;
  pkg-config)
    PKG_CONFIG_PATH=$(libdir)/pkgconfig
    export PKG_CONFIG_PATH
    read -ra flags <<<"${CXXFLAGS:-} $(pkg-config --cflags --libs pki)"
    "${CXX:-c++}" -std=c++20 "$source/examples/bootstrap-in-memory/main.cpp" -o "$here/in-memory" "${flags[@]}"
    LD_LIBRARY_PATH=$(libdir) check_in_memory "$here/in-memory"
    ;;
  abi) check_abi ;;
  subdirectory)
    launcher=$(command -v ccache || true)
    cmake -S "$source/tests/package/subdirectory" -B "$here/build" -G Ninja -DCMAKE_CXX_COMPILER_LAUNCHER="$launcher" \
      -DPKI_FMT=fmt::fmt \
      >"$here/build.log" 2>&1 || { cat "$here/build.log" >&2; fail configure; }
    cmake --build "$here/build" >"$here/build.log" 2>&1 || { cat "$here/build.log" >&2; fail build; }
    check_in_memory "$here/build/in-memory"
    ;;
  *) fail "unknown step $step" ;;
esac
echo "$step: ok"
