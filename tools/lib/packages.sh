# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Installs what is missing, and nothing else: sourced by the scripts of tools/ and by .ci/run.
#
# Installed programs are found by command or header and not by package name, so that a compiler or a kubectl of another
# origin is used.

missing=()
# Packages that are used where the distribution has them.
welcome=()

say() {
  printf '\n==> %s\n' "$*"
}

need_command() { # COMMAND PACKAGE
  command -v "$1" >/dev/null || missing+=("$2")
}

need_python_module() { # MODULE PACKAGE
  local python
  for python in python3 /usr/bin/python3; do
    if "$python" -c "import $1" 2>/dev/null; then return 0; fi
  done
  missing+=("$2")
}

need_header() { # HEADER PACKAGE
  [ -e "/usr/include/$1" ] || [ -e "/usr/local/include/$1" ] || missing+=("$2")
}

need_build_tools() {
  need_command c++ g++
  need_command cmake cmake
  need_command ninja ninja-build
  need_command openssl openssl
  need_header openssl/evp.h libssl-dev
  need_header yaml.h libyaml-dev
  need_header nlohmann/json.hpp nlohmann-json3-dev
  need_header boost/beast/http/parser.hpp libboost-dev
  need_header fmt/core.h libfmt-dev
  need_header CLI/CLI.hpp libcli11-dev
  need_header spdlog/spdlog.h libspdlog-dev
}

need_test_tools() {
  need_header catch2/ catch2
  need_command ccache ccache
  need_command certtool gnutls-bin
  need_command curl curl
  need_command etcd etcd-server
  need_command etcdctl etcd-client
  need_command fish fish
  need_command man man-db
  need_command mandoc mandoc
  need_command pkg-config pkg-config
  need_command python3 python3
  need_python_module jsonschema python3-jsonschema
  need_python_module yaml python3-yaml
  need_command strace strace
  need_command swtpm swtpm
  need_command tpm2_createprimary tpm2-tools
  [ -e "$(openssl version -m 2>/dev/null | sed 's/.*"\(.*\)"/\1/')/tpm2.so" ] || missing+=(tpm2-openssl)
  need_command zsh zsh
  # Debian's kubernetes-client clashes with the kubectl packages of others; Ubuntu has none.
  command -v kubectl >/dev/null || welcome+=(kubernetes-client)
}

as_root() {
  if [ "$(id -u)" -eq 0 ]; then
    "$@"
  else
    sudo "$@"
  fi
}

install_missing() {
  [ ${#missing[@]} -eq 0 ] || as_root apt-get update -q
  local package
  for package in "${welcome[@]}"; do
    if apt-cache show "$package" >/dev/null 2>&1; then
      missing+=("$package")
    else
      echo "no package $package here: the tests that need it are skipped"
    fi
  done
  welcome=()
  [ ${#missing[@]} -gt 0 ] || return 0

  say "installing ${missing[*]}"
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "${missing[@]}"
  # The tests start their own etcd; the service that Debian's package starts is disabled.
  if [[ " ${missing[*]} " == *" etcd-server "* ]] && [ -d /run/systemd/system ]; then
    as_root systemctl disable --now etcd
  fi
  missing=()
}

# unpack_promtool DIR: puts promtool there, without the server that its Debian package would start.
unpack_promtool() {
  if command -v promtool >/dev/null || [ -x "$1/promtool" ]; then return 0; fi
  local scratch
  scratch=$(mktemp -d)
  if (cd "$scratch" && apt-get download -q prometheus && dpkg -x prometheus_*.deb .) >"$scratch/log" 2>&1; then
    mkdir -p "$1"
    cp "$scratch/usr/bin/promtool" "$1/"
  else
    cat "$scratch/log"
    echo "no package prometheus here: the metrics are not checked by promtool"
  fi
  rm -rf "$scratch"
}
